import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_OPEN_READS, MAX_RUNNING_EXECS } from '#platform/protocol/bounds.ts';
import { execKey, execs, sessions } from '#services/model/collections.ts';
import type { SessionDoc } from '#services/model/docs.ts';
import { targetOf } from '#services/model/places.ts';
import { eventually } from './support/live.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

const linesOf = (path: string): string[] => {
  try {
    return readFileSync(path, 'utf8').split('\0');
  } catch {
    return [];
  }
};

/** The child of a process whose command line has this word. */
const childOf = (parent: number, word: string): number => {
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    const stat = linesOf(`/proc/${name}/stat`).join('');
    const ppid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    if (ppid === parent && linesOf(`/proc/${name}/cmdline`).some((each) => each.endsWith(word))) return Number(name);
  }
  throw new Error(`process ${parent} has no child ${word}`);
};

const keeper = (): number => childOf(process.pid, 'keeper/main.ts');
const openFiles = (): number => readdirSync(`/proc/${keeper()}/fd`).length;
/** Processes that wait for commands and sandboxes. */
const waiters = (): number => {
  const launcher = childOf(keeper(), 'launch.pl');
  return readdirSync('/proc').filter((name) => {
    const stat = /^\d+$/.test(name) ? linesOf(`/proc/${name}/stat`).join('') : '';
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === launcher;
  }).length;
};

const notRun = async (exec_id: string): Promise<void> => {
  const at = `/v1/sessions/${world.session}/execs`;
  expect((await world.call(`${at}/${exec_id}`)).status).toBe(404);
  const listed = (await world.call(at)).json as readonly { readonly exec_id: string }[];
  expect(listed.map((each) => each.exec_id)).not.toContain(exec_id);
};

describe('a command that a shortage keeps from being started', () => {
  it.each([{}, { 'Idempotency-Key': 'once more' }])(
    'is answered with what ran short, was not run, and may be repeated: descriptors, %o',
    async (headers) => {
      const exec_id = `starved-${Object.keys(headers).length}`;
      const start = () =>
        world.call(`/v1/sessions/${world.session}/execs`, { body: { argv: ['true'], exec_id }, headers });
      const pid = keeper();
      // A command that has just ended leaves numbers free below the highest.
      const open = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
      const free = Array.from({ length: open.size + 1 }, (_, number) => number).find((number) => !open.has(number));
      const usual = /Max open files +(\d+)/.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1] ?? '1024';
      execFileSync('prlimit', ['--pid', String(pid), `--nofile=${free}:`]);
      const starved = await start();
      execFileSync('prlimit', ['--pid', String(pid), `--nofile=${usual}:`]);
      expect(starved).toMatchObject({ status: 503, json: { code: 'unavailable', retryable: true } });
      expect((starved.json as { detail: string }).detail).toMatch(/^The command was not started: .*EMFILE/);
      await notRun(exec_id);
      expect(await start()).toMatchObject({ status: 200, json: { exec_id } });
    },
  );

  it('is told from one whose program is not there, which stays on record', async () => {
    const body = { argv: ['/no/such/program'], exec_id: 'nowhere' };
    const answer = await world.call(`/v1/sessions/${world.session}/execs`, { body });
    expect(answer).toMatchObject({ status: 422, json: { code: 'invalid', errors: [{ field: 'argv' }] } });
    const record = await world.call(`/v1/sessions/${world.session}/execs/nowhere`);
    expect(record.json).toMatchObject({ status: 'exited', exit_code: 127 });
  });

  it('and its session, too, where the launcher of both is killed, is never taken for one that ran', async () => {
    const { id } = (await world.call('/v1/sessions?wait=60', { body: { user: 'ann' } })).json as { id: string };
    const launcher = childOf(keeper(), 'launch.pl');
    process.kill(launcher, 'SIGSTOP');
    const body = { argv: ['true'], exec_id: 'orphan' };
    const starting = world.call(`/v1/sessions/${id}/execs`, { body });
    await eventually('it is on record', async () => {
      return (await world.platform.deps.store.get(execs, execKey(id, 'orphan'))) !== null;
    });
    process.kill(launcher, 'SIGKILL');
    const { status, json } = await starting;
    const { code } = json as { code: string };
    expect([
      [503, 'unavailable'],
      [409, 'session_not_running'],
    ]).toContainEqual([status, code]);
    const record = await world.platform.deps.store.get(execs, execKey(id, 'orphan'));
    expect(record?.data.status).not.toBe('exited');
  });
});

describe('a session in which as many commands run as may', () => {
  it('refuses one more, of which nothing is on record, and takes it when one has ended', async () => {
    const body = { user: 'bob', resource_package: 'compute_small' };
    const { id } = (await world.call('/v1/sessions?wait=60', { body })).json as { id: string };
    const at = `/v1/sessions/${id}/execs`;
    const start = (exec_id: string) => world.call(at, { body: { argv: ['sleep', '1000'], exec_id } });
    const ids = Array.from({ length: MAX_RUNNING_EXECS }, (_, i) => `e${i}`);
    const left = [...ids];
    const starting = async () => {
      for (let exec_id = left.pop(); exec_id; exec_id = left.pop()) expect((await start(exec_id)).status).toBe(200);
    };
    await Promise.all(Array.from({ length: 8 }, starting));
    expect(await start('more')).toMatchObject({
      status: 409,
      json: { code: 'quota_exceeded', retryable: false, detail: expect.stringMatching(/^At most 256 commands run/) },
    });
    expect((await world.call(`${at}/more`)).status).toBe(404);
    await world.call(`${at}/e0/signal`, { body: { signal: 'KILL' } });
    await eventually('it has ended', async () => {
      const { status } = (await world.call(`${at}/e0`)).json as { status: string };
      return status !== 'running';
    });
    expect((await start('more')).status).toBe(200);
    await world.call(`/v1/sessions/${id}/force-delete?wait=60`, { body: {} });
  });

  it('counts those that have ended and left what holds their output, and takes more once that is killed', async () => {
    const body = { user: 'bob', resource_package: 'compute_small' };
    const { id } = (await world.call('/v1/sessions?wait=60', { body })).json as { id: string };
    const at = `/v1/sessions/${id}/execs`;
    const leave = { command: "trap '' HUP; sleep 1000 & exit 0" };
    const [onPipes, onTerminal] = [leave, { ...leave, tty: { cols: 80, rows: 24 } }];
    const state = async (exec_id: string) => (await world.call(`${at}/${exec_id}`)).json as { readonly status: string };
    expect((await world.call(at, { body: { ...onPipes, exec_id: 'first' } })).status).toBe(200);
    await world.call(`${at}/first`, { method: 'DELETE' });
    const [filesBefore, waitersBefore] = [openFiles(), waiters()];
    const ids = Array.from({ length: MAX_RUNNING_EXECS }, (_, i) => `e${i}`);
    const each = async (run: (exec_id: string, i: number) => Promise<void>) => {
      const left = ids.map((exec_id, i) => ({ exec_id, i }));
      const next = async () => {
        for (let one = left.pop(); one; one = left.pop()) await run(one.exec_id, one.i);
      };
      await Promise.all(Array.from({ length: 8 }, next));
    };
    await each(async (exec_id, i) => {
      const started = await world.call(at, { body: { ...(i % 2 === 0 ? onPipes : onTerminal), exec_id } });
      expect(started.status).toBe(200);
    });
    await each((exec_id) => eventually('it has ended', async () => (await state(exec_id)).status === 'exited'));
    expect(await world.call(at, { body: { argv: ['true'], exec_id: 'more' } })).toMatchObject({
      status: 409,
      json: {
        code: 'quota_exceeded',
        detail: expect.stringMatching(/^At most 256 .* 256 of them have ended.* Send KILL/),
      },
    });
    expect((await world.call(`${at}/more`)).status).toBe(404);
    // A waiter stays for each terminal and for no other, and at most three descriptors for each command.
    expect(waiters() - waitersBefore).toBe(MAX_RUNNING_EXECS / 2);
    expect(openFiles() - filesBefore).toBeLessThanOrEqual(3 * MAX_RUNNING_EXECS);
    const other = (await world.call('/v1/sessions?wait=60', { body: { user: 'cas' } })).json as { id: string };
    const alive = await world.call(`/v1/sessions/${other.id}/execute`, { body: { command: 'echo alive' } });
    expect(alive).toMatchObject({ json: { stdout: 'alive\n' } });
    await world.call(`/v1/sessions/${other.id}/force-delete?wait=60`, { body: {} });
    const kill = { body: { signal: 'KILL' } };
    await each(async (exec_id, i) => {
      const killed = await (i % 4 < 2
        ? world.call(`${at}/${exec_id}`, { method: 'DELETE' })
        : world.call(`${at}/${exec_id}/signal`, kill));
      // It has ended as it had before.
      expect(killed).toMatchObject({ status: 200, json: { status: 'exited', exit_code: 0 } });
    });
    expect((await world.call(at, { body: { argv: ['true'], exec_id: 'more' } })).status).toBe(200);
    await eventually('nothing is held for them', async () => waiters() <= waitersBefore && openFiles() <= filesBefore);
    await world.call(`/v1/sessions/${id}/force-delete?wait=60`, { body: {} });
  });
});

it('an execute whose output has no reader left says which command it has started', async () => {
  const { deps } = world.platform;
  const { id } = (await world.call('/v1/sessions?wait=60', { body: { user: 'bob' } })).json as { id: string };
  const at = `/v1/sessions/${id}`;
  await world.call(`${at}/execs`, { body: { argv: ['sleep', '1000'], exec_id: 'silent' } });
  const session = (await deps.store.get(sessions, id))?.data as SessionDoc;
  const channel = await deps.computes.byDriver(session.driver).exec(targetOf(session));
  const over = new AbortController();
  const reads = Array.from({ length: MAX_OPEN_READS }, () =>
    channel.read('silent', 0, { signal: over.signal })[Symbol.asyncIterator]().next(),
  );
  const execute = (exec_id: string) => world.call(`${at}/execute`, { body: { command: 'echo ran', exec_id } });
  expect(await execute('unread')).toMatchObject({
    status: 409,
    json: {
      code: 'quota_exceeded',
      exec_id: 'unread',
      detail: expect.stringMatching(/^Exec unread was started, .* Close one of them, .* Read it by `exec_id`\.$/),
    },
  });
  over.abort();
  await Promise.all(reads);
  await eventually('it can be read', async () => (await execute(`read-${performance.now().toFixed()}`)).status === 200);
  expect((await world.call(`${at}/execs/unread`)).json).toMatchObject({ status: 'exited', exit_code: 0 });
  await world.call(`${at}/force-delete?wait=60`, { body: {} });
});
