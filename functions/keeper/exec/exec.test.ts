import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import { GONE_KILL_MS, GONE_TERM_MS, TIMEOUT_GRACE_MS } from '#platform/protocol/bounds.ts';
import type { Clock } from '#ports/clock.ts';
import { Exec } from './exec.ts';
import { ExecLog } from './exec-log.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A command that does what it is told here, under a clock whose timers run when they are told to. */
const commandUnderTest = (timeout_ms: number | null = null) => {
  const timers = new Map<object, { readonly ms: number; readonly run: () => void }>();
  const clock: Clock = {
    ...systemClock,
    timer: (ms, run) => {
      const timer = { cancel: () => void timers.delete(timer) };
      timers.set(timer, { ms, run });
      return timer;
    },
  };
  /** Runs the timer of this length, and no other. */
  const elapse = (wanted: number) => {
    const [timer] = [...timers].find(([, { ms }]) => ms === wanted) ?? [];
    const run = timer && timers.get(timer)?.run;
    if (timer) timers.delete(timer);
    run?.();
  };
  const sent: string[] = [];
  const exited = Promise.withResolvers<{ code: number | null; signal: string | null }>();
  const stdout = new PassThrough();
  const folder = mkdtempSync(join(tmpdir(), 'onmemos-exec-'));
  folders.push(folder);
  const log = new ExecLog({
    path: join(folder, 'log'),
    limit_bytes: 1024,
    clock: systemClock,
    failed: () => undefined,
  });
  const exec = new Exec(
    { exec_id: 'e', timeout_ms, log_limit_mb: 1 },
    {
      stdin: null,
      stdout,
      stderr: null,
      signal: async (name) => sent.push(name) > 0,
      lingers: () => false,
      reach: async () => false,
      release: () => undefined,
      resize: () => undefined,
      exited: exited.promise,
    },
    log,
    clock,
  );
  const end = async (signal: string): Promise<void> => {
    exited.resolve({ code: null, signal });
    stdout.end();
    await exec.wait();
  };
  return { exec, sent, end, elapse, waits: () => [...timers.values()].map(({ ms }) => ms) };
};

describe('a command whose caller is gone', () => {
  it('gets TERM after PIPE, and KILL after that, however often the caller says so', async () => {
    const { exec, sent, elapse, waits } = commandUnderTest();
    await exec.signal('PIPE');
    await exec.signal('PIPE');
    expect(waits()).toEqual([GONE_TERM_MS]);
    elapse(GONE_TERM_MS);
    expect(waits()).toEqual([GONE_KILL_MS]);
    elapse(GONE_KILL_MS);
    expect(sent).toEqual(['PIPE', 'PIPE', 'TERM', 'KILL']);
    expect(waits()).toEqual([]);
  });

  it('is followed by that also where it has ended and left something behind', async () => {
    const { exec, sent, end, elapse } = commandUnderTest();
    await exec.signal('PIPE');
    await end('SIGPIPE');
    expect(exec.state()).toMatchObject({ status: 'killed', signal: 'PIPE', signal_number: 13 });
    elapse(GONE_TERM_MS);
    elapse(GONE_KILL_MS);
    expect(sent).toEqual(['PIPE', 'TERM', 'KILL']);
  });

  it('is not what other signals say', async () => {
    const { exec, sent, waits } = commandUnderTest();
    await exec.signal('TERM');
    await exec.signal('HUP');
    expect(sent).toEqual(['TERM', 'HUP']);
    expect(waits()).toEqual([]);
  });
});

it('holds nothing any more when its end is known, where nothing holds its output', async () => {
  const { exec, end } = commandUnderTest();
  let drained = false;
  void exec.drained.then(() => {
    drained = true;
  });
  const seen = exec.wait().then(() => drained);
  await end('SIGTERM');
  expect(await seen).toBe(true);
});

it('kills what has outlived a command that ended at its timeout', async () => {
  const { exec, sent, end, elapse } = commandUnderTest(1_234);
  elapse(1_234);
  await end('SIGTERM');
  expect(exec.state()).toMatchObject({ status: 'timed_out', signal: 'TERM', signal_number: 15, timed_out: true });
  elapse(TIMEOUT_GRACE_MS);
  expect(sent).toEqual(['TERM', 'KILL']);
});
