import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { totalmem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { sandboxFolder } from '#platform/keeper-folders.ts';
import { openTestHost, testCommand, testSpec } from '../../../../test/support/sandbox/host.ts';
import { markOf } from '../sweep.ts';
import { findHierarchies, type Hierarchy, makeGroup } from './cgroup-base.ts';
import { hasEnded, isAnonymous, markIn, ownGroupName } from './group-names.ts';

const MB = 1024 * 1024;
const RESERVE = 512 * MB;
const hierarchies = process.getuid?.() === 0 ? findHierarchies(ownGroupName('0'.repeat(12))) : [];
const memory = hierarchies.find(({ controllers }) => controllers.includes('memory'));
const LACK = 'this needs root, and control groups that limit memory';
if (!memory) process.emitWarning(`control groups of several keepers are not tested: ${LACK}`);

const limitFile = ({ version }: Hierarchy) => (version === 2 ? 'memory.max' : 'memory.limit_in_bytes');
const groupsOf = (mark: string) =>
  hierarchies.flatMap(({ base }) =>
    readdirSync(base)
      .filter((name) => markIn(name) === mark)
      .map((name) => join(base, name)),
  );
const markFor = (dataDir: string, slot = 1) => markOf(sandboxFolder(realpathSync(dataDir), slot));

describe.skipIf(!memory)('the memory of two keepers of a data folder', () => {
  const limitOf = (dataDir: string, slot: number): number => {
    const dir = groupsOf(markFor(dataDir, slot)).find((path) => existsSync(join(path, limitFile(memory as Hierarchy))));
    return Number(readFileSync(join(dir ?? '', limitFile(memory as Hierarchy)), 'utf8'));
  };
  /** The kernel counts in pages. */
  const pages = (bytes: number) => Math.floor(bytes / 4096);

  it('is together no more than the machine has, and all of it once one of them has none', async () => {
    await using old = await openTestHost();
    const { dataDir } = old;
    const whole = limitOf(dataDir, 1);
    expect(whole).toBeLessThanOrEqual(Math.max(totalmem() - RESERVE, totalmem() / 2));
    const sandbox = await old.host.create(testSpec('old', { memory_mb: 1024 }));
    const another = await old.host.create(testSpec('another', { memory_mb: 512 }));
    await using young = await openTestHost({ dataDir, slot: 2 });
    expect(pages(limitOf(dataDir, 2))).toBe(pages(whole - 1536 * MB));
    expect(young.host.createRefusal()).toBeNull();
    await sandbox.destroy(0);
    const first = await young.host.create(testSpec('first'));
    expect(pages(limitOf(dataDir, 2))).toBe(pages(whole - 512 * MB));
    await another.destroy(0);
    await young.host.create(testSpec('second'));
    expect(pages(limitOf(dataDir, 2))).toBe(pages(whole));
    await first.destroy(0);
  });

  it('makes a sandbox where another keeper now holds what is in use, and lowers the limit later', async () => {
    await using test = await openTestHost();
    const { dataDir } = test;
    const whole = limitOf(dataDir, 1);
    const big = await test.host.create(testSpec('big', { memory_mb: 1024 }));
    const fill = 'my $n = 200 << 20; my $x = "x" x $n; $| = 1; print "ready"; sleep 1000';
    const filling = await big.spawn(testCommand('', { argv: ['perl', '-e', fill] }));
    await once(filling.stdout, 'data');
    // Made at the same instant: neither keeper saw the other's sandbox.
    const { base, version } = memory as Hierarchy;
    const other = join(base, ownGroupName(markFor(dataDir, 2)));
    mkdirSync(other);
    if (version === 2) writeFileSync(join(other, 'cgroup.subtree_control'), '+memory');
    mkdirSync(join(other, 'big'));
    try {
      writeFileSync(join(other, 'big', limitFile(memory as Hierarchy)), String(whole - 100 * MB));
      await test.host.create(testSpec('first'));
      expect(limitOf(dataDir, 1)).toBeGreaterThan(200 * MB);
      await filling.signal('KILL');
      await filling.exited;
      await big.destroy(0);
      await test.host.create(testSpec('second'));
      expect(pages(limitOf(dataDir, 1))).toBe(pages(100 * MB));
    } finally {
      for (const dir of [join(other, 'big'), other]) rmdirSync(dir);
    }
  });

  it('takes no session into a keeper for which nothing is left, and says why', async () => {
    await using old = await openTestHost();
    const { dataDir } = old;
    // More than there is: what it may use is what its keeper may.
    const huge = await old.host.create(testSpec('huge', { memory_mb: 64 * 1024 * 1024 }));
    await using young = await openTestHost({ dataDir, slot: 2, isolation: 'none' });
    expect(young.host.createRefusal()).toMatch(
      /memory of this machine is held by sessions of a keeper of another version/,
    );
    await huge.destroy(0);
    expect(young.host.createRefusal()).toBeNull();
  });
});

describe.skipIf(!memory)('groups of a keeper that was killed', () => {
  const OWNER = join(import.meta.dirname, '../../../../test/support/sandbox/owner.ts');
  const owners: { readonly child: ChildProcess; readonly dataDir: string }[] = [];
  const begin = async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'onmemos-groups-'));
    const child = spawn(process.execPath, [OWNER, dataDir], { stdio: ['pipe', 'pipe', 'inherit'] });
    owners.push({ child, dataDir });
    await once(child.stdout, 'data');
    return { dataDir, mark: markFor(dataDir), kill: () => kill(child) };
  };
  const kill = async (child: ChildProcess) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  afterEach(async () => {
    for (const { child, dataDir } of owners.splice(0)) {
      await kill(child);
      rmSync(dataDir, { recursive: true, force: true });
    }
    await using sweeper = await openTestHost({ isolation: 'none' });
    await sweeper.host.sweep();
  });
  const sweepElsewhere = async () => {
    await using host = await openTestHost({ isolation: 'none' });
    await host.host.sweep();
  };

  it('are removed by the next keeper of any folder, those of a living one are not', async () => {
    const [dead, living] = await Promise.all([begin(), begin()]);
    const before = groupsOf(living.mark);
    expect(before.length).toBeGreaterThan(0);
    await dead.kill();
    rmSync(dead.dataDir, { recursive: true, force: true });
    expect(groupsOf(dead.mark).length).toBe(before.length);
    await expect
      .poll(async () => {
        // Its processes die with it, a moment later.
        await sweepElsewhere();
        return groupsOf(dead.mark);
      })
      .toEqual([]);
    expect(groupsOf(living.mark)).toEqual(before);
    for (const path of before) expect(readdirSync(path)).toEqual(expect.arrayContaining(['one', 'two', 'three']));
  });

  it('are not touched while a process is in one of them', async () => {
    const mark = randomBytes(6).toString('hex');
    const ended = spawn('true');
    await once(ended, 'exit');
    const name = ownGroupName(mark).replace(/-\d+-\d+$/, `-${ended.pid}-1`);
    const dirs = hierarchies.map(({ base }) => join(base, name));
    for (const dir of dirs) for (const path of [dir, join(dir, 'busy'), join(dir, 'idle')]) makeGroup(path);
    const sleeper = spawn('sleep', ['1000']);
    try {
      for (const dir of dirs) writeFileSync(join(dir, 'busy', 'cgroup.procs'), String(sleeper.pid));
      await sweepElsewhere();
      for (const dir of dirs) expect(readdirSync(dir)).toEqual(expect.arrayContaining(['busy', 'idle']));
      expect(sleeper.exitCode).toBeNull();
    } finally {
      sleeper.kill('SIGKILL');
      await once(sleeper, 'exit');
    }
    await expect
      .poll(async () => {
        await sweepElsewhere();
        return groupsOf(mark);
      })
      .toEqual([]);
  });

  it('are removed by a keeper that can make no sandbox and does not start', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'onmemos-refused-'));
    const user = vi.spyOn(process, 'getuid').mockReturnValue(1000);
    try {
      await expect(openTestHost({ dataDir, hierarchies })).rejects.toThrow(
        /can’t isolate sessions \(full: it needs root/,
      );
    } finally {
      user.mockRestore();
    }
    expect(groupsOf(markFor(dataDir))).toEqual([]);
    rmSync(dataDir, { recursive: true, force: true });
  });
});

describe('the name of a group', () => {
  const own = ownGroupName('0123456789ab');

  it('tells whose it is, and whether that keeper lives', () => {
    expect(markIn(own)).toBe('0123456789ab');
    expect(hasEnded(own)).toBe(false);
    expect(hasEnded(own.replace(/-\d+$/, '-1'))).toBe(true);
    expect(hasEnded(`${own.replace(/-\d+$/, '-1')}-keeper`)).toBe(true);
    expect(isAnonymous(own)).toBe(false);
  });

  it('tells nothing of a keeper of 0.1.0, nor of one in another namespace of processes', () => {
    expect(markIn('onmemos-0123456789ab')).toBe('0123456789ab');
    expect(isAnonymous('onmemos-0123456789ab')).toBe(true);
    expect(hasEnded('onmemos-0123456789ab')).toBe(false);
    expect(hasEnded(own.replace(/-(\d+)-(\d+)-\d+$/, '-1$1-$2-1'))).toBe(false);
  });

  it('is none of another program’s', () => {
    for (const name of ['docker', 'onmemos-server', 'onmemos-0123456789ab-x', 'system.slice']) {
      expect({ name, mark: markIn(name), ended: hasEnded(name), anonymous: isAnonymous(name) }).toEqual({
        ...{ name, mark: null, ended: false, anonymous: false },
      });
    }
  });
});
