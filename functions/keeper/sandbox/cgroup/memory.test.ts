import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sandboxFolder } from '#platform/keeper-folders.ts';
import { systemClock } from '#platform/clock.ts';
import { openTestHost } from '../../../../test/support/sandbox/host.ts';
import { markOf } from '../sweep.ts';
import { openCgroupTree } from './cgroup.ts';
import { ownGroupName } from './group-names.ts';

const MB = 1024 * 1024;
const HELD = /memory of this machine is held by sessions of a keeper of another version/;

let base: string;
let dataDir: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'onmemos-memory-'));
  dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'onmemos-memory-data-')));
});
afterEach(() => {
  for (const dir of [base, dataDir]) rmSync(dir, { recursive: true, force: true });
});

/** A container with so much memory. Its control groups are folders, so that they can say anything. */
const hierarchiesOf = (memory_mb: number) => {
  writeFileSync(join(base, 'memory.max'), String(memory_mb * MB));
  return [{ version: 2 as const, base, controllers: ['memory', 'pids'] }];
};
const openWith = (memory_mb: number) =>
  openTestHost({ dataDir, isolation: 'none', hierarchies: hierarchiesOf(memory_mb) });

const mark = () => markOf(sandboxFolder(dataDir, 2));
const LIVING = () => ownGroupName(mark());
const ELSEWHERE = () => `onmemos-${mark()}-1-7-12345`;

interface Left {
  readonly limit_mb: number;
  readonly used_mb?: number;
  readonly pids?: string;
}

/** A keeper in the other slot, with one sandbox. */
const makeOther = (name: string, { limit_mb, used_mb = 0, pids = '' }: Left) => {
  const dir = join(base, name, 'oms-ses');
  mkdirSync(join(dir, 'inner'), { recursive: true });
  writeFileSync(join(dir, 'memory.max'), String(limit_mb * MB));
  writeFileSync(join(dir, 'memory.current'), String(used_mb * MB));
  writeFileSync(join(dir, 'inner', 'cgroup.procs'), pids);
};

describe('a keeper without another one', () => {
  it.each([480, 256, 128])('takes sessions on a machine of %s MiB', async (memory_mb) => {
    await using test = await openWith(memory_mb);
    expect(test.host.createRefusal()).toBeNull();
  });
});

describe('a keeper beside another one', () => {
  it.each([480, 8192])('takes none on a machine of %s MiB that the other holds', async (memory_mb) => {
    makeOther(LIVING(), { limit_mb: memory_mb });
    await using test = await openWith(memory_mb);
    expect(test.host.createRefusal()).toMatch(HELD);
  });

  it('counts what a keeper that has ended, or is elsewhere, has with processes', async () => {
    for (const name of [LIVING().replace(/-\d+$/, '-1'), ELSEWHERE()]) {
      makeOther(name, { limit_mb: 8000, pids: `${process.pid}\n` });
      await using test = await openWith(8192);
      expect(test.host.createRefusal()).toMatch(HELD);
      rmSync(join(base, name), { recursive: true });
    }
  });

  it('counts of what is left without processes what it still uses, and no more', async () => {
    for (const memory_mb of [480, 8192]) {
      makeOther(ELSEWHERE(), { limit_mb: 8000, used_mb: 1 });
      await using test = await openWith(memory_mb);
      expect(test.host.createRefusal()).toBeNull();
    }
    makeOther(ELSEWHERE(), { limit_mb: 8000, used_mb: 7600 });
    await using test = await openWith(8192);
    expect(test.host.createRefusal()).toMatch(HELD);
  });
});

describe('the limit of all sandboxes', () => {
  it('is never set below what they use, and is lowered as they use less', () => {
    const own = markOf(sandboxFolder(dataDir, 1));
    const hierarchies = hierarchiesOf(2048);
    const tree = openCgroupTree({ hierarchies, mark: own, otherMarks: [mark()], clock: systemClock });
    const file = (name: string) => join(base, ownGroupName(own), name);
    let made = 0;
    /** The limit after a create, MiB, while so much is in use. */
    const afterCreate = (used_mb: number, cache_mb = 0): number => {
      writeFileSync(file('memory.current'), String((used_mb + cache_mb) * MB));
      writeFileSync(file('memory.stat'), `anon 1\ninactive_file ${cache_mb * MB}\n`);
      tree.create(`oms-${++made}`, { cpu_millis: 1000, memory_mb: 256, pids: 64 });
      return Number(readFileSync(file('memory.max'), 'utf8')) / MB;
    };
    expect(afterCreate(800)).toBe(1536);
    makeOther(LIVING(), { limit_mb: 1136 });
    expect(afterCreate(800)).toBe(900);
    // Growth does not raise it again, and no more than needed is taken away.
    expect(afterCreate(880)).toBe(900);
    expect(afterCreate(640, 200)).toBe(720);
    expect(afterCreate(320)).toBe(400);
    rmSync(join(base, LIVING()), { recursive: true });
    expect(afterCreate(320)).toBe(1536);
  });
});
