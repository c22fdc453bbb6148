import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExecChannel } from '#ports/exec.ts';
import { at, type LocalTarget, localTarget } from './local-target.ts';
import { collect, until } from './suite.ts';

const LIMIT = 256;
/** What sessions can't have. */
const RESERVE = LIMIT / 4;

describe(`a keeper that may have ${LIMIT} files open`, () => {
  let target: LocalTarget;
  beforeAll(async () => {
    target = await localTarget('auto', ['prlimit', `--nofile=${LIMIT / 2}:${LIMIT}`]);
  });
  afterAll(() => target?.close());

  const start = (channel: ExecChannel, exec_id: string, command: string) =>
    channel.start({ exec_id, command, stdin: true, timeout_ms: null, log_limit_mb: 1 });

  /** Starts commands until one is refused; what kept it from starting, and how many there are. */
  const fill = async (channel: ExecChannel, command: string): Promise<{ error: unknown; count: number }> => {
    for (let count = 0; count < LIMIT; count++) {
      const error = await start(channel, `fill-${count}`, command).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      if (error !== null) return { error, count };
    }
    return { error: null, count: LIMIT };
  };

  it('raises its limit, and keeps some in reserve to answer and to end what runs', async () => {
    const { compute, ensure, open } = target;
    const pid = await target.keeperPid();
    expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(new RegExp(`Max open files +${LIMIT} +${LIMIT} `));
    const openFiles = () => readdirSync(`/proc/${pid}/fd`).length;
    await Promise.all([ensure('greedy'), ensure('modest')]);
    const [greedy, modest] = [await open('greedy'), await open('modest')];
    await start(modest, 'before', 'echo kept');
    await modest.wait('before');
    const before = openFiles();
    // Each of them has all that a command may hold.
    const { error, count } = await fill(greedy, 'echo printed; cat');
    expect(error).toMatchObject({
      code: 'exhausted',
      message: expect.stringMatching(/^The keeper may have 256 files/),
    });
    expect(count).toBeGreaterThanOrEqual(16);
    await until(async () => (await greedy.list()).every(({ next_offset }) => next_offset > 0));
    // They have no more than what was counted for them.
    expect(openFiles() - before).toBeLessThanOrEqual(LIMIT - RESERVE);
    expect(openFiles() - before).toBeLessThanOrEqual(6 * count);
    // Another session begins some all the same.
    const few = await fill(modest, 'echo printed; cat');
    expect(few).toMatchObject({ error: { code: 'exhausted' } });
    expect(few.count).toBeGreaterThan(5);
    // No one can begin now, but all that is there goes on, is read, and can be ended.
    await expect(start(modest, 'late', 'echo late')).rejects.toMatchObject({ code: 'exhausted' });
    const created = await Promise.allSettled(['third', 'fourth'].map((key) => ensure(key)));
    const refused = created.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []));
    expect(refused.at(-1)).toMatch(/: The keeper may have 256 files open/);
    expect((await collect(modest.read('before', 0))).out.toString()).toBe('kept\n');
    expect((await collect(greedy.read('fill-0', 0, { follow: false }))).out.toString()).toBe('printed\n');
    expect(await greedy.signal('fill-0', 'KILL')).toBeTruthy();
    expect(await greedy.wait('fill-0')).toMatchObject({ status: 'killed' });
    expect(await compute.remove(at('greedy'), { grace_ms: 0 })).toMatchObject({ state: 'ended' });
    greedy.close();
    expect((await start(modest, 'late', 'echo late')).exec_id).toBe('late');
    expect((await ensure('fifth')).state).toBe('running');
    await Promise.all(['third', 'fourth', 'fifth', 'modest'].map((key) => compute.remove(at(key), { grace_ms: 0 })));
    await until(async () => openFiles() <= before);
  });
});
