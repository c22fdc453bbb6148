import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSandboxHost } from './host.ts';
import { allPids, readText } from './process/proc.ts';
import type { Sandbox } from './types.ts';
import {
  openTestHost,
  run,
  testCommand,
  testHostOptions,
  testSpec,
  until,
} from '../../../test/support/sandbox/host.ts';

const root = process.getuid?.() === 0;
const strongest = root ? 'full' : 'user';

describe('limits', () => {
  it('ends the command that takes too much memory; session and neighbour live on', async () => {
    await using test = await openTestHost({ isolation: strongest });
    const [greedy, modest] = await Promise.all([
      test.host.create(testSpec('greedy', { memory_mb: 64 })),
      test.host.create(testSpec('modest')),
    ]);
    const hog = testCommand('', { argv: ['perl', '-e', 'my @a; push @a, "x" x 1_000_000 while 1'] });
    const spawned = await greedy.spawn(hog);
    spawned.stdout.resume();
    if (test.host.capabilities.limits.memory === 'hard') {
      expect(await spawned.exited).toEqual({ code: null, signal: 'SIGKILL' });
      expect((await run(greedy, 'echo alive')).out).toBe('alive\n');
    } else {
      expect(await greedy.ended).toMatchObject({ reason: 'memory_limit' });
    }
    expect((await run(modest, 'echo alive')).out).toBe('alive\n');
  });

  it('holds a fork bomb within its processes and removes it whole', async () => {
    await using test = await openTestHost({ isolation: strongest });
    const [greedy, modest] = await Promise.all([
      test.host.create(testSpec('greedy', { pids: 40 })),
      test.host.create(testSpec('modest')),
    ]);
    // Shells that can't fork give up; what they left asleep stays, so that the growth can be seen whenever one looks.
    const bomb = await greedy.spawn(testCommand('b() { sleep 1000 & b | b & b; }; b 2>/dev/null'));
    bomb.stdout.resume();
    bomb.stderr?.resume();
    await until(async () => ((await greedy.usage()).processes ?? 0) >= 20, 'the bomb has grown');
    expect((await greedy.usage()).processes).toBeLessThanOrEqual(41);
    expect((await run(modest, 'echo alive')).out).toBe('alive\n');
    await greedy.destroy(0);
    expect(readdirSync(join(test.dataDir, 'sandboxes'))).not.toContain('greedy');
  });

  it('counts files that are open and nameless', async () => {
    await using test = await openTestHost({ isolation: strongest });
    const sandbox = await test.host.create(testSpec('nameless', { disk_mb: 30 }));
    const spawned = await sandbox.spawn(
      testCommand('exec 5>gone; rm gone; head -c 90000000 /dev/zero >&5; sleep 1000'),
    );
    spawned.stdout.resume();
    expect(await sandbox.ended).toMatchObject({ reason: 'disk_limit' });
  });

  it('gives a session as many processors as it may use, and another one others', async ({ skip }) => {
    const count = availableParallelism();
    if (count < 2) skip('this machine has one processor');
    await using test = await openTestHost({ isolation: strongest, poolSize: 1 });
    const seen = async (sandbox: Sandbox) =>
      (await run(sandbox, 'nproc; grep Cpus_allowed_list: /proc/self/status')).out;
    // Those of a sandbox in stock, of a new one, and of one that ends.
    const ending = await test.host.create(testSpec('ending', { cpu_millis: 250 }));
    const small = await test.host.create(testSpec('small', { network: 'none' }));
    const whole = await test.host.create(testSpec('whole', { cpu_millis: count * 1000 }));
    const shown = 'cd /sys/fs/cgroup && cat cpuset/cpuset.cpus cpuset.cpus.effective 2>/dev/null';
    if ((await run(ending, shown)).out === '') skip('no control groups with processors can be made here');
    const first = await seen(ending);
    expect(first).toMatch(/^1\nCpus_allowed_list:\t\d+\n$/);
    expect(await seen(small)).toMatch(/^1\n/);
    expect(await seen(small)).not.toBe(first);
    expect(await seen(whole)).toMatch(new RegExp(`^${count}\n`));
    await ending.destroy(0);
    const later = await test.host.create(testSpec('later'));
    if (count === 2) expect(await seen(later)).toBe(first);
  });

  it('takes the network away where none is asked for', async () => {
    await using test = await openTestHost({ isolation: strongest });
    const sandbox = await test.host.create(testSpec('offline', { network: 'none' }));
    const devices = (await run(sandbox, 'tail -n +3 /proc/net/dev')).out.trim().split('\n');
    expect(devices.map((line) => line.split(':')[0]?.trim())).toEqual(['lo']);
    expect(sandbox.details['network']).toBe('none');
  });

  it.each(['full', 'none'] as const)(
    'gives python sessions an environment of their own at level %s',
    async (isolation) => {
      await using test = await openTestHost({ isolation: isolation === 'full' ? strongest : isolation });
      const sandbox = await test.host.create(testSpec('python', { python: true, memory_mb: 512 }));
      const warnings = sandbox.details['warnings'] as readonly string[];
      if (warnings.some((warning) => warning.includes('python3-venv'))) return;
      const ran = await run(sandbox, 'command -v python pip; pip --version; python -c "import sys; print(sys.prefix)"');
      expect(ran.err).toBe('');
      expect(ran.out.split('\n')[0]).toMatch(/\/venv\/bin\/python$/);
      expect(ran.out).toMatch(/pip \d+.*\/venv\//);
      const other = await test.host.create(testSpec('python-2', { python: true, memory_mb: 512 }));
      await run(sandbox, 'echo broken > "$VIRTUAL_ENV/bin/pip"');
      expect((await run(other, 'pip --version')).out).toMatch(/^pip /);
    },
  );
});

describe('what is left of a keeper that was killed', () => {
  it.each(root ? (['full', 'user', 'none'] as const) : (['user', 'none'] as const))(
    'is gone after a sweep at level %s',
    async (isolation) => {
      const dataDir = mkdtempSync(join(tmpdir(), 'onmemos-killed-'));
      const program = join(import.meta.dirname, '..', '..', '..', 'test', 'support', 'sandbox', 'owner.ts');
      // On no other command line of this machine.
      const seconds = `${randomInt(90_000, 2_000_000_000)}.375`;
      const owner = spawn(process.execPath, [program, dataDir, isolation, seconds], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      let told = '';
      owner.stdout.on('data', (chunk: Buffer) => {
        told += chunk.toString();
      });
      await until(() => told.includes('ready'), 'the sandboxes run');
      const marked = () =>
        allPids().filter((pid) => pid !== owner.pid && readText(`/proc/${pid}/cmdline`).includes(seconds));
      expect(marked().length).toBeGreaterThanOrEqual(3);
      const ended = new Promise((resolve) => owner.once('exit', resolve));
      owner.kill('SIGKILL');
      await ended;
      // Where namespaces hold them, processes die with their keeper, without a next one.
      if (isolation !== 'none') await until(() => marked().length === 0, 'every process is gone');
      const host = await openSandboxHost(testHostOptions(dataDir, { isolation }));
      expect((await host.sweep()).removed).toBeGreaterThanOrEqual(3);
      await until(() => marked().length === 0, 'every process is gone');
      expect(readdirSync(join(dataDir, 'sandboxes')).filter((name) => !name.startsWith('.'))).toEqual([]);
      expect(readText('/proc/mounts')).not.toContain(dataDir);
      expect(await host.sweep()).toEqual({ removed: 0 });
      await host.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  );
});
