import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import type { Clock } from '#ports/clock.ts';
import type { TaskHandler } from '#ports/queue.ts';
import { counters } from '../store/fixture.ts';
import { HANGS_SECONDS } from '../../acceptance/support/until.ts';
import { manualClock } from '../../api/support/manual-clock.ts';
import { temporaryFolder } from '../store/temporary.ts';
import { openQueueIn } from './embedded-fixture.ts';
import { task } from './suite.ts';

const CHILD = fileURLToPath(new URL('./task-child.ts', import.meta.url));
const never: TaskHandler = () => new Promise(() => undefined);

describe('embedded queue', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let open: Awaited<ReturnType<typeof openQueueIn>>;
  beforeEach(async () => {
    folder = await temporaryFolder();
    open = await openQueueIn(folder.path);
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await open.queue.stop(0).catch(() => undefined);
    await open.store.close();
    await folder.remove();
  });
  /** The process's end and the next one's start, as far as the file sees it. */
  const crash = async (options: Parameters<typeof openQueueIn>[1] = {}) => {
    await open.store.close();
    open = await openQueueIn(folder.path, options);
  };
  const poll = <T>(look: () => T) => expect.poll(look, { timeout: HANGS_SECONDS * 1000, interval: 5 });

  it('delivers again after a crash what was running or waiting, counts its attempts and holds names', async () => {
    const { queue, store } = open;
    await queue.start(never);
    await queue.enqueue(task('ran', { task: 'test.run' }));
    await queue.enqueue(task('later', { at: Date.now() + 60_000 }));
    await poll(() => queue.stats().running).toBe(1);
    // Attempts are written lazily: this commit takes them along.
    await store.put(counters, 'a', { n: 1 });
    await crash();
    expect(await open.queue.enqueue(task('ran'))).toBe(false);
    expect(await open.queue.enqueue(task('later'))).toBe(false);
    const seen: [string, number][] = [];
    await open.queue.start(async ({ name, attempt }) => {
      seen.push([name, attempt]);
    });
    await poll(() => seen).toEqual([['ran', 2]]);
    await poll(() => open.queue.stats()).toMatchObject({ depth: 1, running: 0 });
    await open.queue.stop();
    await crash();
    expect(await open.queue.enqueue(task('ran'))).toBe(false);
    await open.queue.start(never);
    expect(open.queue.stats()).toEqual({ depth: 1, oldest_age_ms: 0, running: 0 });
  });

  it('gives up a task that takes the process down each time, but not at the first', async () => {
    const seen: number[] = [];
    for (let n = 0; n < 6; n++) {
      await open.queue.enqueue(task('poison'));
      await open.queue.start(({ attempt }) => {
        seen.push(attempt);
        return new Promise(() => undefined);
      });
      await poll(() => seen.length).toBe(n + 1);
      await open.store.put(counters, 'a', { n });
      await crash();
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
    const handler = vi.fn(async () => undefined);
    await open.queue.start(handler);
    await poll(() => open.log.lines.join()).toContain('error the process ended during every attempt');
    expect(handler).not.toHaveBeenCalled();
    expect(open.queue.stats()).toMatchObject({ depth: 0, running: 0 });
  });

  it('loses no acknowledged task to kill -9', async () => {
    await open.store.close();
    const child = spawn(process.execPath, [CHILD, folder.path], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString();
      if (text.length > 20_000) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const lines = text.split('\n').slice(0, -1);
    const said = (word: string) => lines.filter((line) => line.startsWith(word)).map((line) => line.slice(word.length));
    const enqueued = said('enqueued ');
    const ran = new Set(said('ran '));
    expect(enqueued.length).toBeGreaterThan(100);
    expect(ran.size).toBeGreaterThan(10);
    open = await openQueueIn(folder.path);
    for (const name of enqueued) expect(await open.queue.enqueue(task(name))).toBe(false);
    await open.queue.start(async ({ name }) => {
      ran.add(name);
    });
    const due = enqueued.filter((name) => Number(name.split('-')[1]) % 3 !== 0);
    await poll(() => due.filter((name) => !ran.has(name))).toEqual([]);
    expect(open.queue.stats().depth).toBeGreaterThanOrEqual(enqueued.length - due.length);
  });

  it('frees a name 24 hours after the task was done, and forgets its row', async () => {
    let ahead = 0;
    const clock: Clock = { ...systemClock, now: () => Date.now() + ahead };
    await crash({ clock });
    await open.queue.enqueue(task('a'));
    await open.queue.enqueue(task('b'));
    await open.queue.start(async () => undefined);
    await poll(() => open.queue.stats()).toMatchObject({ depth: 0, running: 0 });
    await open.queue.stop();
    ahead = 23.9 * 3_600_000;
    expect(await open.queue.enqueue(task('a'))).toBe(false);
    ahead = 24.1 * 3_600_000;
    await crash({ clock });
    expect(await open.queue.enqueue(task('a'))).toBe(true);
    await open.queue.start(never);
    const rows = () =>
      open.store.sql.database
        .prepare('SELECT name FROM queue_tasks')
        .all()
        .map((row) => row.name);
    await poll(rows).toEqual(['a']);
  });

  it('delivers what lies more than 30 days ahead after 30 days', async () => {
    let ahead = 0;
    const clock: Clock = { ...systemClock, now: () => Date.now() + ahead };
    await crash({ clock });
    await open.queue.enqueue(task('far', { at: clock.now() + 45 * 24 * 3_600_000 }));
    ahead = 30.1 * 24 * 3_600_000;
    await crash({ clock });
    const ran: string[] = [];
    await open.queue.start(async ({ name }) => void ran.push(name));
    await poll(() => ran).toEqual(['far']);
  });

  it.each([-150_000, 150_000])('runs each task after its own pause when the wall clock steps by %i ms', async (by) => {
    const clock = manualClock();
    await crash({ clock });
    const ran: string[] = [];
    let failures = 1;
    await open.queue.start(async ({ name }) => {
      ran.push(name);
      if (name === 'fails' && failures-- > 0) throw new Error('once');
    });
    const { queue } = open;
    await queue.enqueue(task('fails'));
    await poll(() => queue.stats()).toMatchObject({ depth: 1, running: 0 });
    for (const [name, in_ms] of [
      ['soon', 1_000],
      ['later', 200_000],
    ] as const)
      await queue.enqueue(task(name, { at: clock.now() + in_ms }));
    ran.length = 0;

    clock.step(by);
    await queue.enqueue(task('after', { at: clock.now() + 2_000 }));
    clock.advance(60);
    await poll(() => ran).toContain('fails');
    clock.advance(940);
    await poll(() => ran).toContain('soon');
    expect(ran).not.toContain('after');
    clock.advance(1_000);
    await poll(() => ran).toContain('after');
    expect(ran).not.toContain('later');
    // What the wall clock has reached is due, and after its pause it is due in any case.
    clock.advance(by > 0 ? 48_000 : 198_000);
    await poll(() => ran).toContain('later');
    expect(ran.length).toBe(4);
  });

  it('never runs more handlers at once than it may', async () => {
    await crash({ concurrency: 5 });
    let running = 0;
    let most = 0;
    let done = 0;
    await open.queue.start(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running -= 1;
      done += 1;
    });
    await Promise.all(Array.from({ length: 60 }, (_, n) => open.queue.enqueue(task(`t${n}`))));
    await poll(() => done).toBe(60);
    expect(most).toBe(5);
  });

  it('delivers what is due without any timer', async () => {
    const clock: Clock = { ...systemClock, timer: () => ({ cancel: () => undefined }) };
    await crash({ clock });
    const seen: string[] = [];
    await open.queue.start(async ({ name }) => {
      seen.push(name);
    });
    await open.queue.enqueue(task('a'));
    await poll(() => seen).toEqual(['a']);
  });

  it('costs one commit for a task, and none of its own for its result', async () => {
    await open.queue.start(async () => undefined);
    const spy = vi.spyOn(open.store.sql.database, 'exec');
    const commits = () => spy.mock.calls.filter(([sql]) => sql === 'COMMIT').length;
    await Promise.all(Array.from({ length: 200 }, (_, n) => open.queue.enqueue(task(`t${n}`))));
    expect(commits()).toBe(1);
    await poll(() => open.queue.stats()).toMatchObject({ depth: 0, running: 0 });
    await open.store.put(counters, 'a', { n: 1 });
    const undone = open.store.sql.database.prepare('SELECT count(*) AS n FROM queue_tasks WHERE done_at IS NULL');
    await poll(() => undone.get()?.n).toBe(0);
    expect(commits()).toBeLessThanOrEqual(4);
  });

  it('writes a result again whose commit failed', async () => {
    await open.queue.start(async () => undefined);
    const failing = async (work: () => unknown): Promise<never> => {
      open.store.sql.database.exec('SAVEPOINT lost');
      work();
      open.store.sql.database.exec('ROLLBACK TO lost; RELEASE lost');
      throw new Error('the disk is full');
    };
    vi.spyOn(open.store.sql, 'commitLazily').mockImplementationOnce(failing);
    await open.queue.enqueue(task('a'));
    const undone = open.store.sql.database.prepare('SELECT count(*) AS n FROM queue_tasks WHERE done_at IS NULL');
    await poll(() => undone.get()?.n).toBe(0);
    expect(open.log.lines.join()).toContain('error results of tasks could not be written');
  });

  it('waits for running handlers when it stops, up to the limit, and starts nothing more', async () => {
    const gate = Promise.withResolvers<void>();
    const seen: string[] = [];
    await open.queue.start(async ({ name }) => {
      seen.push(name);
      await gate.promise;
    });
    await open.queue.enqueue(task('a'));
    await poll(() => seen).toEqual(['a']);
    let stopped = false;
    const stopping = open.queue.stop().then(() => {
      stopped = true;
    });
    expect(await open.queue.enqueue(task('b'))).toBe(true);
    expect(stopped).toBe(false);
    gate.resolve();
    await stopping;
    expect(seen).toEqual(['a']);
    await crash();
    await open.queue.start(async ({ name }) => {
      seen.push(name);
    });
    await poll(() => seen).toEqual(['a', 'b']);
    await open.queue.stop();
    await crash();
    await open.queue.start(never);
    await open.queue.enqueue(task('c'));
    await poll(() => open.queue.stats().running).toBe(1);
    await open.queue.stop(20);
    expect(open.log.lines.join()).toContain('stopped while tasks were running');
  });

  it('leaves a task alone that its catalogue no longer has, and says so', async () => {
    await open.queue.enqueue(task('a', { task: 'test.once' }));
    await crash({ catalogue: {} });
    const handler = vi.fn(async () => undefined);
    await open.queue.start(handler);
    expect(open.log.lines.join()).toContain('does not know');
    await crash();
    await open.queue.start(handler);
    await poll(() => handler.mock.calls.length).toBe(1);
  });

  it('tells how late the oldest waiting task is', async () => {
    await crash({ concurrency: 1 });
    await open.queue.enqueue(task('first', { at: Date.now() - 60_000 }));
    await open.queue.enqueue(task('second', { at: Date.now() - 30_000 }));
    await open.queue.start(never);
    await poll(() => open.queue.stats().running).toBe(1);
    const { depth, oldest_age_ms } = open.queue.stats();
    expect(depth).toBe(1);
    expect(oldest_age_ms).toBeGreaterThanOrEqual(30_000);
  });
});
