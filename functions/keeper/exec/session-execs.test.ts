import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import { MAX_RUNNING_EXECS } from '#platform/protocol/bounds.ts';
import { NOTHING_MEASURED } from '#ports/exec.ts';
import { silent } from '../../../test/support/sandbox/host.ts';
import type { Spawned } from '../sandbox/types.ts';
import { sessionExecs } from './session-execs.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** The execs of a session whose commands end when they are told to here; one named `broken` can't be started. */
const execsUnderTest = () => {
  const log_dir = mkdtempSync(join(tmpdir(), 'onmemos-execs-'));
  folders.push(log_dir);
  const ends: (() => void)[] = [];
  const spawn = async (argv: readonly string[]): Promise<Spawned> => {
    if (argv[0] === 'broken') throw new Error('no more processes');
    const exited = Promise.withResolvers<{ code: number | null; signal: string | null }>();
    const stdout = new PassThrough();
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
      reach: async () => false,
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
    ending: () => false,
  });
  const start = (exec_id: string, program = 'sleeper') =>
    execs.start({ exec_id, argv: [program], timeout_ms: null, log_limit_mb: 1 });
  return { execs, start, ends };
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

  it('do not count where one could not be started', async () => {
    const { start } = execsUnderTest();
    for (let i = 0; i < MAX_RUNNING_EXECS + 1; i++) {
      await expect(start('again', 'broken')).rejects.toMatchObject({ code: 'exhausted' });
    }
    expect(await start('again')).toMatchObject({ status: 'running' });
  });
});
