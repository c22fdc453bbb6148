import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { TIMEOUT_GRACE_MS } from '#platform/protocol/bounds.ts';
import type { Clock } from '#ports/clock.ts';
import { Exec } from './exec.ts';
import { ExecLog } from './exec-log.ts';

it('kills a command whose time is over as soon as its processes can be looked at, and only until then', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'onmemos-exec-'));
  const timers = new Map<() => void, number>();
  const clock: Clock = {
    ...{ now: () => 0, monotonic: () => 0, sleep: async () => undefined },
    timer: (ms, run) => {
      timers.set(run, ms);
      return { cancel: () => void timers.delete(run) };
    },
  };
  const fire = async (): Promise<number> => {
    const [[run, ms] = [() => undefined, 0]] = timers;
    timers.delete(run);
    run();
    await new Promise((resolve) => setImmediate(resolve));
    return ms;
  };
  const signals: string[] = [];
  let blind = true;
  const exited = Promise.withResolvers<{ code: number | null; signal: string | null }>();
  const stdout = new PassThrough();
  const spawned = {
    ...{
      stdin: null,
      stdout,
      stderr: null,
      resize: () => undefined,
      lingers: () => false,
      reach: async () => false,
      release: () => undefined,
      exited: exited.promise,
    },
    signal: async (name: string) => {
      if (blind) throw new Error('EMFILE: too many open files');
      signals.push(name);
      return true;
    },
  };
  const log = new ExecLog({
    path: join(dir, 'log'),
    limit_bytes: 1 << 20,
    clock,
    failed: () => undefined,
  });
  const exec = new Exec({ exec_id: 'one', timeout_ms: 1000, log_limit_mb: 1 }, spawned, log, clock);
  expect(await fire()).toBe(1000);
  expect(await fire()).toBe(TIMEOUT_GRACE_MS);
  blind = false;
  expect(await fire()).toBe(TIMEOUT_GRACE_MS);
  expect(signals).toEqual(['KILL']);
  expect(timers.size).toBe(0);
  stdout.end();
  exited.resolve({ code: null, signal: 'SIGKILL' });
  expect(await exec.wait()).toMatchObject({ status: 'timed_out', timed_out: true });
  await rm(dir, { recursive: true, force: true });
});
