import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import { manualClock } from '../../../../test/api/support/manual-clock.ts';
import { openCgroupTree } from './cgroup.ts';
import { findHierarchies } from './cgroup-base.ts';
import { ownGroupName } from './group-names.ts';
import { openPins } from './pins.ts';
import { processorsIn } from './processors.ts';

const MARK = '0123456789ab';
let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'onmemos-pins-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** Folders that look like control groups. The kernel makes a group's files; here a test does. */
const openTree = (version: 1 | 2, names: readonly string[], all: string) => {
  const parent = join(base, ownGroupName(MARK));
  for (const dir of [parent, ...names.flatMap((name) => [join(parent, name), join(parent, name, 'inner')])]) {
    mkdirSync(dir, { recursive: true });
    if (version === 2) writeFileSync(join(dir, 'cgroup.controllers'), 'cpuset memory pids\n');
    writeFileSync(join(dir, version === 2 ? 'cpuset.cpus.effective' : 'cpuset.effective_cpus'), `${all}\n`);
    writeFileSync(join(dir, 'cpuset.cpus'), version === 2 ? '\n' : `${all}\n`);
  }
  const controllers = version === 2 ? ['memory', 'cpuset', 'pids'] : ['cpuset'];
  const tree = openCgroupTree({
    ...{ hierarchies: [{ version, base, controllers }], mark: MARK, otherMarks: [], clock: systemClock },
  });
  return {
    tree,
    parent,
    processors: (name: string) => readFileSync(join(parent, name, 'cpuset.cpus'), 'utf8').split('\n')[0],
  };
};
const LIMITS = { cpu_millis: 1000, memory_mb: 64, pids: 8 };

const alone = availableParallelism() < 2;
if (alone) process.emitWarning('the processors of sessions are not tested: this machine has one');

describe.skipIf(alone)('the processors of sessions', () => {
  /** Those of this machine: none that it lacks is given away. */
  const all = (/^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '').trim();

  it.each([1, 2] as const)('are their own as long as there are enough, in version %s', async (version) => {
    const { tree, processors } = openTree(version, ['one', 'two', 'whole'], all);
    const groups = ['one', 'two'].map((name) => ({ name, group: tree.create(name, LIMITS) }));
    for (const { group } of groups) group.pin(250);
    const [one, two] = groups.map(({ name }) => processors(name));
    expect([one, two]).toEqual([expect.stringMatching(/^\d+$/), expect.stringMatching(/^\d+$/)]);
    expect(one).not.toBe(two);
    const whole = tree.create('whole', LIMITS);
    whole.pin(availableParallelism() * 1000);
    expect(processors('whole')).toBe(version === 2 ? '' : all);
    // The leaf, which programs see, follows by itself in version 2 alone.
    expect(processors('one/inner')).toBe(version === 2 ? '' : one);
    tree.close();
  });

  it('are changed where two wait for a full one while another one idles', () => {
    const names = ['one', 'two', 'three', 'four'];
    const two = processorsIn(all).slice(0, 2);
    const { parent, processors } = openTree(2, names, two.join(','));
    const clock = manualClock();
    /** Hundredths of a second that each processor was busy, of those that have passed. */
    const busy = new Map(two.map((processor) => [processor, 0]));
    const line = (processor: number) =>
      `cpu${processor} ${busy.get(processor)} 0 0 ${clock.monotonic() / 10 - (busy.get(processor) ?? 0)} 0 0 0 0`;
    const used = new Map(names.map((name) => [name, 0]));
    const pins = openPins({ version: 2, parent, clock, stat: () => two.map(line).join('\n') });
    for (const name of names) {
      const dir = join(parent, name);
      pins.pin({ dir, groups: () => [dir], cpuTime: () => used.get(name) ?? 0 }, 1000);
    }
    const waiting = names.filter((name) => processors(name) === processors('one'));
    const full = Number(processors('one'));
    expect(waiting).toHaveLength(2);
    /** Each of the two runs for half of a second. */
    const second = () => {
      busy.set(full, (busy.get(full) ?? 0) + 100);
      for (const name of waiting) used.set(name, (used.get(name) ?? 0) + 500);
      clock.advance(1000);
    };
    second();
    second();
    expect(new Set(waiting.map(processors)).size).toBe(1);
    second();
    expect(new Set(waiting.map(processors)).size).toBe(2);
    for (const processor of two) {
      expect(names.filter((name) => processors(name) === String(processor))).toHaveLength(2);
    }
    pins.close();
  });

  it('are none that are not the keeper’s own', () => {
    const { tree, processors } = openTree(2, ['one'], '5000-5003');
    tree.create('one', LIMITS).pin(1000);
    expect(processors('one')).toBe('');
    tree.close();
  });

  it('are given anew when sessions end, by the kernel itself', async ({ skip }) => {
    if (process.getuid?.() !== 0) skip('this needs root');
    const hierarchies = findHierarchies(ownGroupName(MARK));
    const cpuset = hierarchies.find(({ controllers }) => controllers.includes('cpuset'));
    if (!cpuset) return skip('control groups have no processors here');
    const tree = openCgroupTree({ hierarchies, mark: MARK, otherMarks: [], clock: systemClock });
    const dir = (name: string) => join(cpuset.base, ownGroupName(MARK), name, 'inner');
    const file = cpuset.version === 2 ? 'cpuset.cpus.effective' : 'cpuset.cpus';
    const processors = (name: string) => readFileSync(join(dir(name), file), 'utf8').trim();
    const count = availableParallelism();
    const names = Array.from({ length: 2 * count }, (_, i) => `s${i}`);
    const groups = new Map(names.map((name) => [name, tree.create(name, LIMITS)]));
    try {
      for (const group of groups.values()) group.pin(1000);
      const shared = names.filter((name) => processors(name) === processors('s0'));
      expect(shared).toHaveLength(2);
      for (const name of names.filter((each) => !shared.includes(each))) {
        await groups.get(name)?.remove();
        groups.delete(name);
      }
      expect(new Set(shared.map(processors)).size).toBe(2);
    } finally {
      for (const group of groups.values()) await group.remove();
      tree.close();
    }
  });
});
