import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { ISOLATED, type Machine, machine } from './support/machine.ts';

const ALL = availableParallelism();
/** Programs that count processors, each in its own way. */
const COUNTING: readonly (readonly [program: string, ...args: string[]])[] = [
  ['nproc'],
  ['python3', '-c', 'import os; print(len(os.sched_getaffinity(0)))'],
  ['node', '-p', 'os.availableParallelism()'],
  ['python3', '-c', 'import os; os.sched_setaffinity(0, range(1024)); print(len(os.sched_getaffinity(0)))'],
];

/** What those programs of them say that this machine has. */
const counts = async ({ sh, lack }: Machine): Promise<readonly string[]> => {
  const said: string[] = [];
  for (const argv of COUNTING) if ((await lack(argv[0])) === null) said.push(await sh('', { argv }));
  return said;
};
const isBound = async ({ sh }: Machine): Promise<boolean> =>
  (await sh('cat /sys/fs/cgroup/cpuset/cpuset.cpus /sys/fs/cgroup/cpuset.cpus.effective 2>/dev/null; :')) !== '';

describe.each(ISOLATED)('the processors of a session at level %s', (isolation) => {
  const small = machine(isolation, { cpu_millis: 1000 });
  const whole = machine(isolation, { cpu_millis: ALL * 1000 });

  it('are as many as it may use, whatever a program asks for', async ({ skip }) => {
    if (!(await isBound(small))) skip('no control groups with processors can be made here');
    expect(new Set(await counts(small))).toEqual(new Set(['1\n']));
  });

  it('are all of the machine where it may use them', async () => {
    expect(new Set(await counts(whole))).toEqual(new Set([`${ALL}\n`]));
  });
});
