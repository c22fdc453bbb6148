import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withoutDescriptors } from '../../../../test/support/no-descriptors.ts';
import { openTestHost } from '../../../../test/support/sandbox/host.ts';
import { hasEnded, mayLive, ownGroupName } from '../cgroup/group-names.ts';
import { openCgroupTree } from '../cgroup/cgroup.ts';
import { entriesOf, statOf } from '../disk/paths.ts';
import { systemClock } from '#platform/clock.ts';
import { identify, isAlive, type ProcessId, readText } from './proc.ts';
import { markedProcesses } from './marked.ts';

const MANY = { code: 'EMFILE' };

it('reads nothing where there is nothing', () => {
  expect(readText('/proc/self/no-such-file')).toBe('');
  expect(entriesOf('/proc/self/no-such-folder')).toEqual([]);
  expect(statOf('/proc/self/no-such-file')).toBeNull();
});

describe('if nothing can be read, as no descriptor is left', () => {
  const own = identify(process.pid) as ProcessId;

  it('no process, file or folder is taken as gone', () => {
    expect(isAlive(own)).toBe(true);
    expect(withoutDescriptors(() => isAlive(own)).error).toMatchObject(MANY);
    expect(withoutDescriptors(() => markedProcesses('none')).error).toMatchObject(MANY);
    expect(withoutDescriptors(() => readText('/proc/self/stat')).error).toMatchObject(MANY);
    expect(withoutDescriptors(() => entriesOf('/proc/self')).error).toMatchObject(MANY);
  });

  it('no keeper is taken as ended', () => {
    const name = ownGroupName('0123456789ab');
    expect(withoutDescriptors(() => hasEnded(name))).toEqual({ value: false });
    expect(withoutDescriptors(() => mayLive(name))).toEqual({ value: true });
  });

  it('nothing is taken as held by no keeper, and no group as without processes', async () => {
    const base = mkdtempSync(join(tmpdir(), 'onmemos-look-'));
    const hierarchies = [{ version: 2 as const, base, controllers: ['memory', 'pids'] }];
    await using test = await openTestHost({ isolation: 'none', hierarchies });
    expect(withoutDescriptors(() => test.host.createRefusal()).error).toMatchObject(MANY);
    const tree = openCgroupTree({ hierarchies, mark: '0123456789ab', otherMarks: [], clock: systemClock });
    const group = tree.create('oms-one', { cpu_millis: 1000, memory_mb: 64, pids: 8 });
    expect(withoutDescriptors(() => group.pids()).error).toMatchObject(MANY);
    expect(withoutDescriptors(() => tree.clearAbandoned()).error).toMatchObject(MANY);
    rmSync(base, { recursive: true });
  });
});
