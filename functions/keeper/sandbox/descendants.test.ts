import { randomInt } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processStat } from '#platform/process-stat.ts';
import { openTestHost, run, type TestHost, testCommand, testSpec, until } from '../../../test/support/sandbox/host.ts';
import { ownGroupName } from './cgroup/group-names.ts';
import type { Hierarchy } from './cgroup/cgroup-base.ts';
import type { SandboxHostOptions } from './host.ts';
import { allPids, readText } from './process/proc.ts';
import { markOf } from './sweep.ts';

const root = process.getuid?.() === 0;

/** A hierarchy of version 2 in which groups can be made; on many machines one without controllers lies beside version 1. */
function unified(): Hierarchy | null {
  const line = readText('/proc/self/mountinfo')
    .split('\n')
    .find((mount) => mount.includes(' - cgroup2 '));
  const base = line?.split(' ')[4];
  if (!root || base === undefined) return null;
  const trial = join(base, `onmemos-trial-${process.pid}`);
  try {
    mkdirSync(trial);
    rmdirSync(trial);
    return { version: 2, base, controllers: [] };
  } catch {
    return null;
  }
}

const version2 = unified();
if (!version2) process.emitWarning('groups of version 2 are not tested: none can be made here');
if (!root) process.emitWarning('isolation level full is not tested: it needs root');

const COLUMNS: readonly (readonly [name: string, options: Partial<SandboxHostOptions>])[] = [
  ...(root ? ([['full', { isolation: 'full' }]] as const) : []),
  ...(version2 ? ([['full, version 2', { isolation: 'full', hierarchies: [version2] }]] as const) : []),
  ...(root ? ([['full, no groups', { isolation: 'full', hierarchies: [] }]] as const) : []),
  ['user', { isolation: 'user' }],
  ['user, no groups', { isolation: 'user', hierarchies: [] }],
  ['none', { isolation: 'none' }],
];

/** Sleepers in the command's group, a session, a job's group, and as an orphan of an orphan without an environment. */
const everywhere = (seconds: number): string => `
sleep ${seconds} &
setsid sleep ${seconds} &
perl -e 'fork or do { setpgrp; exec "sleep", ${seconds} }; sleep 1000' &
perl -MPOSIX -e 'fork and exit; POSIX::setsid(); fork and exit; %ENV = (); exec "/bin/sleep", ${seconds}'
echo ready
sleep 1000`;
const SLEEPERS = 4;

/** Those that sleep already: one that is still to become `sleep` has no command line for a moment. */
const sleeping = (seconds: number): readonly number[] =>
  allPids().filter(
    (pid) =>
      readText(`/proc/${pid}/cmdline`).replace(/^\/bin\//, '') === `sleep\0${seconds}\0` &&
      processStat(pid)?.state !== 'Z',
  );
const sleepers = (seconds: number): number => sleeping(seconds).length;
/** What the kernel says of these, for a process that is missing. */
const said = (pids: readonly number[]): string =>
  pids.map((pid) => `${pid}: ${readText(`/proc/${pid}/stat`)} ${readText(`/proc/${pid}/cmdline`)}`).join('\n');

describe.each(COLUMNS)('what a command started, at level %s', (_name, options) => {
  let test: TestHost;
  beforeAll(async () => {
    test = await openTestHost(options);
  });
  afterAll(() => test[Symbol.asyncDispose]());

  const starting = async (key: string, command: (seconds: number) => string, count = SLEEPERS, pids = 200) => {
    const seconds = randomInt(1_000_000, 2_000_000_000);
    const sandbox = await test.host.create(testSpec(key, { pids }));
    const spawned = await sandbox.spawn(testCommand(command(seconds), { merge: true }));
    spawned.stdout.resume();
    await until(() => sleepers(seconds) === count, 'all sleep');
    return { sandbox, spawned, seconds };
  };
  /** The groups of commands that are there. */
  const groups = (key: string): readonly string[] => {
    const name = ownGroupName(markOf(join(test.dataDir, 'sandboxes')));
    return globSync(`/sys/fs/cgroup/**/${name}/${key}/inner/exec-*`);
  };

  it.each(['KILL', 'TERM', 'PIPE'])('is all reached by %s, and nothing beside it is', async (signal) => {
    const { sandbox, spawned, seconds } = await starting(`all-${signal.toLowerCase()}`, everywhere);
    const beside = await sandbox.spawn(testCommand(`setsid sleep ${seconds + 1} & sleep ${seconds + 1}`));
    await until(() => sleepers(seconds + 1) === 2, 'the other command sleeps');
    const others = sleeping(seconds + 1);
    expect(await spawned.signal(signal)).toBe(true);
    expect(await spawned.exited).toEqual({ code: null, signal: `SIG${signal}` });
    await until(() => sleepers(seconds) === 0, 'none is left');
    expect(sleeping(seconds + 1), said(others)).toEqual(others);
    await beside.signal('KILL');
    await until(() => sleepers(seconds + 1) === 0, 'none of the other command is left');
    await sandbox.destroy(0);
  });

  it.each([
    { on: 'pipes', more: {} },
    { on: 'a terminal', more: { tty: { cols: 80, rows: 24 } } },
  ])('is reached from its first moment on $on', async ({ on, more }) => {
    const sandbox = await test.host.create(testSpec(`first-${on.length}`));
    const ends = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const spawned = await sandbox.spawn(testCommand('exec sleep 1000', more));
        spawned.stdout.resume();
        const reached = await spawned.signal('TERM');
        if (!reached) await spawned.signal('KILL');
        return { reached, end: reached ? (await spawned.exited).signal : null };
      }),
    );
    expect(ends).toEqual(Array.from({ length: 20 }, () => ({ reached: true, end: 'SIGTERM' })));
    await sandbox.destroy(0);
  });

  it('ends on KILL by the time that it is answered', async () => {
    const { sandbox, spawned, seconds } = await starting('answered', everywhere);
    await spawned.signal('KILL');
    expect(sleepers(seconds)).toBe(0);
    await sandbox.destroy(0);
  });

  it('is not reached by other signals outside of its process group', async () => {
    const { sandbox, spawned, seconds } = await starting('group', everywhere);
    expect(await spawned.signal('HUP')).toBe(true);
    expect((await spawned.exited).signal).toBe('SIGHUP');
    await until(() => sleepers(seconds) === SLEEPERS - 1, 'the group is gone');
    await spawned.signal('KILL');
    expect(sleepers(seconds)).toBe(0);
    await sandbox.destroy(0);
  });

  it('goes on after a normal exit, and its group with it', async () => {
    const background = (seconds: number) => `setsid sleep ${seconds} > /dev/null 2>&1 & exit 3`;
    const { sandbox, spawned, seconds } = await starting('left', background, 1);
    expect(await spawned.exited).toEqual({ code: 3, signal: null });
    spawned.release();
    expect(sleepers(seconds)).toBe(1);
    const before = groups('left').length;
    expect((await run(sandbox, 'echo alive')).out).toBe('alive\n');
    // It is what any later command may end.
    await run(sandbox, `pkill -f 'sleep ${seconds}'`);
    await until(() => sleepers(seconds) === 0, 'it has ended');
    if (before > 0) await until(() => !groups('left').some((path) => path.endsWith('exec-1')), 'its group is gone');
    await sandbox.destroy(0);
    expect(groups('left')).toEqual([]);
  });

  it('dies as a whole while it makes new processes without an end', async () => {
    // Each process is replaced by its child: no list of them is true for long.
    const storm = (seconds: number) =>
      `for i in 1 2 3 4; do perl -e 'while (1) { fork and exit ${seconds}; select undef, undef, undef, 0.005 }' & done; exec sleep ${seconds}`;
    const { sandbox, spawned, seconds } = await starting('storm', storm, 1, 20_000);
    const storming = `ps -eo stat=,args= | grep -v '^Z' | grep -c '[f]ork and exit ${seconds}' || true`;
    await until(async () => Number((await run(sandbox, storming)).out) > 0, 'it storms');
    await spawned.signal('KILL');
    expect(sleepers(seconds)).toBe(0);
    for (let look = 0; look < 5; look++)
      expect(await run(sandbox, storming)).toEqual({ code: 0, signal: null, out: '0\n', err: '' });
    await sandbox.destroy(0);
  });

  it('is killed although it was stopped, and although it ignores what it can', async () => {
    const deaf = (seconds: number) =>
      `setsid sh -c "trap '' TERM HUP INT PIPE; sleep ${seconds}" & kill -STOP $!; setsid sh -c "kill -STOP \\$\\$" & exec sleep ${seconds}`;
    const { sandbox, spawned, seconds } = await starting('deaf', deaf, 1);
    await spawned.signal('KILL');
    expect(sleepers(seconds)).toBe(0);
    await until(async () => ((await sandbox.usage()).processes ?? 0) <= 1, 'nothing of it is left');
    await sandbox.destroy(0);
  });
});

describe.runIf(version2 !== null)('a group of version 2', () => {
  it('is killed by the kernel in one step', () => {
    const base = version2?.base ?? '';
    const dir = join(base, `onmemos-kill-${process.pid}`);
    mkdirSync(dir);
    expect(existsSync(join(dir, 'cgroup.kill'))).toBe(true);
    expect(readFileSync(join(dir, 'cgroup.events'), 'utf8')).toContain('frozen 0');
    rmdirSync(dir);
  });
});
