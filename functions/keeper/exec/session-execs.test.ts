import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import { MAX_OPEN_READS, MAX_RUNNING_EXECS } from '#platform/protocol/bounds.ts';
import { NOTHING_MEASURED } from '#ports/exec.ts';
import { silent } from '../../../test/support/sandbox/host.ts';
import { OpenFiles } from '../open-files.ts';
import { CannotRun } from '../sandbox/launch/cannot-run.ts';
import type { Spawned } from '../sandbox/types.ts';
import { sessionExecs } from './session-execs.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** The execs of a session whose commands end when they are told to here; one named `broken` can't be started. */
const execsUnderTest = (files = new OpenFiles(1_000_000), more: { readonly most_execs?: number } = {}) => {
  const log_dir = mkdtempSync(join(tmpdir(), 'onmemos-execs-'));
  folders.push(log_dir);
  const ends: (() => void)[] = [];
  /** Of commands that end and leave something that holds their output. */
  const leaves: (() => void)[] = [];
  /** The output of each, to be written to as by a stranger. */
  const outputs: PassThrough[] = [];
  const spawn = async (argv: readonly string[]): Promise<Spawned> => {
    if (argv[0] === 'broken') throw new Error('no more processes');
    if (argv[0] === 'missing') throw new CannotRun('program', constants.errno.ENOENT, 'missing: no');
    if (argv[0] === '/bin/sh') throw new CannotRun('folder', constants.errno.ENOENT, 'nowhere: no');
    const exited = Promise.withResolvers<{ code: number | null; signal: string | null }>();
    const stdout = new PassThrough();
    outputs.push(stdout);
    leaves.push(() => exited.resolve({ code: 0, signal: null }));
    ends.push(() => {
      stdout.end();
      exited.resolve({ code: 0, signal: null });
    });
    return {
      stdin: null,
      stdout,
      stderr: null,
      signal: async () => true,
      lingers: () => false,
      reach: async (name) => {
        if (argv[0] === 'giver') return false;
        if (stdout.writableEnded) return false;
        if (name === 'KILL') stdout.end();
        return true;
      },
      release: () => undefined,
      resize: () => undefined,
      exited: exited.promise,
    };
  };
  const execs = sessionExecs({
    sandbox: { log_dir, spawn: ({ argv }) => spawn(argv) },
    clock: systemClock,
    log: silent,
    deadline: async () => undefined,
    usage: async () => NOTHING_MEASURED,
    hold_wait_ms: 60_000,
    files,
    ...more,
    ending: () => false,
  });
  const start = (exec_id: string, program = 'sleeper') =>
    execs.start({ exec_id, argv: [program], timeout_ms: null, log_limit_mb: 1 });
  return { execs, start, ends, leaves, outputs };
};

describe('the execs of a session', () => {
  it('run up to a bound at once, and one more when one has ended', async () => {
    const { execs, start, ends } = execsUnderTest();
    const ids = Array.from({ length: MAX_RUNNING_EXECS + 20 }, (_, i) => `e${i}`);
    const started = await Promise.allSettled(ids.map((id) => start(id)));
    const refused = started.filter(({ status }) => status === 'rejected');
    expect([started.length - refused.length, ends.length]).toEqual([MAX_RUNNING_EXECS, MAX_RUNNING_EXECS]);
    await expect(start('late')).rejects.toMatchObject({ code: 'too_many' });
    // The same id again starts nothing.
    expect(await start('e0')).toMatchObject({ status: 'running' });
    ends[0]?.();
    await execs.wait('e0');
    expect(await start('late')).toMatchObject({ status: 'running' });
    await expect(start('later')).rejects.toMatchObject({ code: 'too_many' });
  });

  it('count after their end while something that they left holds their output, and KILL ends that', async () => {
    const { execs, start, leaves } = execsUnderTest();
    const ids = Array.from({ length: MAX_RUNNING_EXECS }, (_, i) => `e${i}`);
    await Promise.all(ids.map((id) => start(id)));
    for (const leave of leaves.slice(0, 3)) leave();
    await Promise.all(ids.slice(0, 3).map((id) => execs.wait(id)));
    await expect(start('more')).rejects.toMatchObject({
      code: 'too_many',
      message: expect.stringMatching(/^At most 256 commands.* 3 of them have ended, .* Send KILL .* example e0:/),
    });
    expect(await execs.signal('e0', 'TERM')).toMatchObject({ status: 'exited' });
    await expect(execs.signal('e0', 'PIPE')).rejects.toMatchObject({ code: 'ended' });
    await expect(start('more')).rejects.toMatchObject({ code: 'too_many' });
    expect(await execs.signal('e0', 'KILL')).toMatchObject({ status: 'exited', exit_code: 0 });
    await expect(execs.signal('e0', 'KILL')).rejects.toMatchObject({ code: 'ended' });
    await expect.poll(() => start('more')).toMatchObject({ status: 'running' });
    await expect(start('one more')).rejects.toMatchObject({
      code: 'too_many',
      message: expect.stringMatching(/ 2 of/),
    });
  });

  it('hold no descriptor for what another process was handed, after KILL or the end of the session', async () => {
    const files = new OpenFiles(100);
    const most = Math.floor((100 * 3) / 4 / 6);
    const { execs, start, leaves, outputs } = execsUnderTest(files);
    const ids = Array.from({ length: most }, (_, i) => `e${i}`);
    for (const id of ids) await start(id, 'giver');
    for (const leave of leaves) leave();
    await Promise.all(ids.map((id) => execs.wait(id)));
    await expect(start('more')).rejects.toMatchObject({ code: 'exhausted' });
    await expect(execs.signal('e0', 'TERM')).rejects.toMatchObject({ code: 'ended' });
    outputs[0]?.write('last');
    expect(await execs.signal('e0', 'KILL')).toMatchObject({ status: 'exited', next_offset: 4 });
    expect(outputs.map(({ destroyed }) => destroyed)).toEqual(ids.map((id) => id === 'e0'));
    await expect.poll(() => start('more', 'giver')).toMatchObject({ status: 'running' });
    leaves.at(-1)?.();
    await execs.end();
    expect(outputs.every(({ destroyed }) => destroyed)).toBe(true);
    const next = execsUnderTest(files);
    await expect.poll(() => Promise.all(ids.map((id) => next.start(id)))).toHaveLength(most);
  });

  it('take the descriptors of the keeper and give them back', async () => {
    const files = new OpenFiles(1_000);
    const [one, other] = [execsUnderTest(files), execsUnderTest(files)];
    const started: string[] = [];
    const filled = async (): Promise<unknown> => {
      for (let i = 0; i < MAX_RUNNING_EXECS; i++) {
        const refused = await one.start(`e${i}`).then(
          () => null,
          (error: unknown) => error,
        );
        if (refused) return refused;
        started.push(`e${i}`);
      }
      return null;
    };
    const exhausted = {
      code: 'exhausted',
      message: expect.stringMatching(/^The keeper may have 1000 files open.*LimitNOFILE/),
    };
    expect(await filled()).toMatchObject({
      code: 'exhausted',
      message: expect.stringMatching(/^The keeper may have 1000 files open, and the rest is for sessions with fewer/),
    });
    // A quarter is in reserve, and a quarter is left to sessions with few commands.
    expect(started.length).toBe(Math.floor(1_000 / 2 / 6));
    for (let i = 0; i < 16; i++) await other.start(`o${i}`);
    await expect(other.start('another')).rejects.toMatchObject({ code: 'exhausted' });
    const third = execsUnderTest(files);
    for (let i = 0; i < 16; i++) await third.start(`t${i}`);
    const fourth = execsUnderTest(files);
    const left = Math.floor((750 - (started.length + 32) * 6) / 6);
    for (let i = 0; i < left; i++) await fourth.start(`f${i}`);
    await expect(fourth.start('another')).rejects.toMatchObject(exhausted);
    one.ends[0]?.();
    await expect.poll(() => fourth.start('another')).toMatchObject({ status: 'running' });
    await expect(fourth.start('again', 'broken')).rejects.toMatchObject({ code: 'exhausted' });
    one.ends[1]?.();
    await one.execs.wait('e1');
    await expect(fourth.start('again', 'broken')).rejects.toMatchObject({ message: 'no more processes' });
  });

  it('are bounded in number, those that have ended with them and those that never began not', async () => {
    const { execs, start, ends } = execsUnderTest(undefined, { most_execs: 3 });
    for (const id of ['a', 'b', 'c']) {
      await expect(start(id, 'broken')).rejects.toMatchObject({ code: 'exhausted' });
      expect(await start(id)).toMatchObject({ status: 'running' });
      ends.at(-1)?.();
      await execs.wait(id);
    }
    await expect(start('d')).rejects.toMatchObject({
      code: 'too_many',
      message: 'A session has at most 3 commands. Go on in a new session.',
    });
    expect(await start('a')).toMatchObject({ status: 'exited' });
    expect((await execs.list()).map(({ exec_id }) => exec_id)).toEqual(['a', 'b', 'c']);
  });

  it('have a bounded number of readers', async () => {
    const { execs, start } = execsUnderTest();
    await start('e0');
    const read = () => {
      const over = new AbortController();
      const next = execs.read('e0', 0, { signal: over.signal })[Symbol.asyncIterator]().next();
      next.catch(() => undefined);
      return { over, next };
    };
    const open = Array.from({ length: MAX_OPEN_READS }, read);
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const more = read();
    await turn();
    more.over.abort();
    await expect(more.next).rejects.toMatchObject({ code: 'too_many', message: expect.stringMatching(/^At most 512/) });
    open[7]?.over.abort();
    await open[7]?.next;
    const later = read();
    await turn();
    for (const { over } of [...open, later]) over.abort();
    expect(await later.next).toEqual({ done: true, value: undefined });
  });

  it('say what a command could not be started for, as fields', async () => {
    const { execs, start } = execsUnderTest();
    await expect(start('e', 'missing')).rejects.toMatchObject({
      code: 'spawn_failed',
      not_started: { field: 'argv', exit_code: 127 },
    });
    await expect(
      execs.start({ exec_id: 'e', command: 'true', timeout_ms: null, log_limit_mb: 1 }),
    ).rejects.toMatchObject({ code: 'spawn_failed', not_started: { field: 'cwd', exit_code: 126 } });
  });

  it('do not count where one could not be started', async () => {
    const { start } = execsUnderTest();
    for (let i = 0; i < MAX_RUNNING_EXECS + 1; i++) {
      await expect(start('again', 'broken')).rejects.toMatchObject({ code: 'exhausted' });
    }
    expect(await start('again')).toMatchObject({ status: 'running' });
  });
});
