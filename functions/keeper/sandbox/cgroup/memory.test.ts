import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sandboxFolder } from '#platform/keeper-folders.ts';
import { openTestHost } from '../../../../test/support/sandbox/host.ts';
import { markOf } from '../sweep.ts';
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

/** A keeper in a container with so much memory. Its control groups are folders, so that they can say anything. */
const openWith = (memory_mb: number) => {
  writeFileSync(join(base, 'memory.max'), String(memory_mb * MB));
  const hierarchies = [{ version: 2 as const, base, controllers: ['memory', 'pids'] }];
  return openTestHost({ dataDir, isolation: 'none', hierarchies });
};

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
