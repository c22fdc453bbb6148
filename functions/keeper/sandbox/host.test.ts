import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allPids, readText } from './process/proc.ts';
import { openTestHost, run, type TestHost, testCommand, testSpec, until } from '../../../test/support/sandbox/host.ts';
import type { IsolationLevel } from './types.ts';

const root = process.getuid?.() === 0;
/** `full` needs root; an ordinary user's machine is tested at `user`, which root's can be told to use as well. */
const LEVELS: readonly IsolationLevel[] = root ? ['full', 'user', 'none'] : ['user', 'none'];
if (!root) process.emitWarning('isolation level full is not tested: it needs root');

describe.each(LEVELS)('a sandbox at level %s', (isolation) => {
  let test: TestHost;
  let umask: number;
  beforeAll(async () => {
    // A keeper has this one from its server.
    umask = process.umask(0o077);
    test = await openTestHost({ isolation });
  });
  afterAll(async () => {
    await test[Symbol.asyncDispose]();
    process.umask(umask);
  });

  it('runs commands with their own output, exit code and environment', async () => {
    const sandbox = await test.host.create(testSpec('plain'));
    const ran = await run(sandbox, 'echo "$GREETING $HOME_TEST"; echo bad >&2; exit 3', { env: { GREETING: 'hello' } });
    expect(ran).toEqual({ code: 3, signal: null, out: 'hello \n', err: 'bad\n' });
    const env = (await run(sandbox, 'env')).out;
    expect(env).toMatch(/^PATH=.*\/usr\/bin/m);
    for (const name of Object.keys(process.env).filter((key) => /^(VITEST|NODE|npm|ONMEMOS_ARCH)/.test(key))) {
      expect(env).not.toContain(`\n${name}=`);
    }
    expect((await run(sandbox, 'pwd')).out.trim()).toBe(String(sandbox.details['workspace_path']));
    await sandbox.destroy(0);
  });

  it('gives back all of the output of a command that ends at once', async () => {
    const sandbox = await test.host.create(testSpec('quick'));
    const outputs = await Promise.all(Array.from({ length: 30 }, (_, i) => run(sandbox, `echo ${i}`)));
    expect(outputs.map(({ out }) => out)).toEqual(Array.from({ length: 30 }, (_, i) => `${i}\n`));
    await sandbox.destroy(0);
  });

  it('hands stdin through, merges streams in order, and tells the signal that ended a command', async () => {
    const sandbox = await test.host.create(testSpec('streams'));
    expect((await run(sandbox, 'wc -c', {}, 'x'.repeat(100_000))).out.trim()).toBe('100000');
    expect((await run(sandbox, 'echo 1; echo 2 >&2; echo 3', { merge: true })).out).toBe('1\n2\n3\n');
    expect((await run(sandbox, 'kill -9 $$')).signal).toBe('SIGKILL');
    // Node itself can't tell a real-time signal from an exit with 0.
    if (isolation !== 'none') expect((await run(sandbox, 'kill -34 $$')).signal).toBe('SIG34');
    await sandbox.destroy(0);
  });

  it('ends at once when it is hurried, though it was given time', async () => {
    const sandbox = await test.host.create(testSpec('hurried'));
    const spawned = await sandbox.spawn(testCommand(`trap '' TERM; echo ready; while :; do sleep 1; done`));
    await new Promise((resolve) => spawned.stdout.once('data', resolve));
    const patient = sandbox.destroy(3_600_000);
    await sandbox.destroy(0);
    await patient;
    expect((await spawned.exited).signal).toBe('SIGKILL');
  });

  it('signals the whole group, and says when it is gone', async () => {
    const sandbox = await test.host.create(testSpec('signals'));
    const spawned = await sandbox.spawn(testCommand('sleep 1000 & sleep 1000'));
    spawned.stdout.resume();
    await until(async () => ((await sandbox.usage()).processes ?? 0) >= 3, 'both sleep');
    expect(await spawned.signal('TERM')).toBe(true);
    expect(await spawned.exited).toEqual({ code: null, signal: 'SIGTERM' });
    await until(async () => !(await spawned.signal('TERM')), 'the group is gone');
    await sandbox.destroy(0);
  });

  it('gives a terminal of the asked size, which can be resized', async () => {
    const sandbox = await test.host.create(testSpec('terminal'));
    const spawned = await sandbox.spawn(
      testCommand('stty size; read x; stty size; exit 7', { tty: { cols: 99, rows: 31 } }),
    );
    let text = '';
    spawned.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await until(() => text.includes('31 99'), 'the first size');
    spawned.resize(120, 40);
    spawned.stdin?.write('\n');
    expect(await spawned.exited).toEqual({ code: 7, signal: null });
    await until(() => text.includes('40 120'), 'the second size');
    await sandbox.destroy(0);
  });

  it('measures and tells what it is', async () => {
    const sandbox = await test.host.create(testSpec('usage'));
    const spawned = await sandbox.spawn(testCommand('while :; do :; done'));
    await until(async () => ((await sandbox.usage()).cpu_ms ?? 0) > 50, 'cpu time is counted');
    const usage = await sandbox.usage();
    expect(usage.processes).toBeGreaterThan(0);
    expect(usage.memory_limit_mb).toBe(256);
    expect(usage.disk_mb).toBeTypeOf('number');
    await spawned.signal('KILL');
    expect(sandbox.details).toMatchObject({ isolation, image: 'host', driver: 'local', network: 'host' });
    await sandbox.destroy(0);
  });

  it('leaves no process, mount, group or folder, daemons included', async () => {
    const sandbox = await test.host.create(testSpec('leftover'));
    await run(
      sandbox,
      "(setsid sh -c 'trap : TERM; while :; do sleep 0.2; done' >/dev/null 2>&1 &); chmod 0 . 2>/dev/null; :",
    );
    const folder = join(test.dataDir, 'sandboxes', 'leftover');
    expect(existsSync(folder)).toBe(true);
    await sandbox.destroy(50);
    await sandbox.destroy(0);
    expect(existsSync(folder)).toBe(false);
    expect(readText('/proc/mounts')).not.toContain(test.dataDir);
    expect(allPids().filter((pid) => readText(`/proc/${pid}/environ`).includes('leftover'))).toEqual([]);
    expect(groupsBelow(/^leftover$/)).toEqual([]);
    await expect(run(sandbox, ':')).rejects.toThrow(/gone/);
    expect(await sandbox.ended).toMatchObject({ reason: 'destroyed' });
  });

  it('makes and ends 40 at once', async () => {
    const all = await Promise.all(Array.from({ length: 40 }, (_, i) => test.host.create(testSpec(`many-${i}`))));
    const outputs = await Promise.all(all.map((sandbox, i) => run(sandbox, `echo ${i}`)));
    expect(outputs.map(({ out }) => out)).toEqual(all.map((_, i) => `${i}\n`));
    await Promise.all(all.map((sandbox) => sandbox.destroy(0)));
    expect(readdirSync(join(test.dataDir, 'sandboxes')).filter((name) => name.startsWith('many'))).toEqual([]);
  });

  it('refuses a name in use and one that is not a name', async () => {
    const sandbox = await test.host.create(testSpec('twice'));
    await expect(test.host.create(testSpec('twice'))).rejects.toThrow(/there already/);
    await expect(test.host.create(testSpec('../up'))).rejects.toThrow(/plain name/);
    await sandbox.destroy(0);
    await (await test.host.create(testSpec('twice'))).destroy(0);
  });

  it('serves a volume and buckets of the host', async () => {
    const [volume, bucket] = [join(test.dataDir, 'volume'), join(test.dataDir, 'bucket')];
    for (const path of [volume, bucket]) mkdirSync(path, { recursive: true });
    writeFileSync(join(bucket, 'in'), 'from outside');
    const spec = testSpec('volume', { workspace_dir: volume, buckets: [{ name: 'data', dir: bucket }] });
    const sandbox = await test.host.create(spec);
    await run(sandbox, 'echo kept > file');
    if (isolation !== 'none') expect((await run(sandbox, 'cat /buckets/data/in')).out).toBe('from outside');
    await sandbox.destroy(0);
    expect(readFileSync(join(volume, 'file'), 'utf8')).toBe('kept\n');
  });

  it('makes files with the modes of a login shell, on pipes and on a terminal', async () => {
    const volume = join(test.dataDir, 'modes');
    mkdirSync(volume);
    const sandbox = await test.host.create(testSpec('modes', { workspace_dir: volume }));
    const make = (name: string) => `umask; touch ${name}; mkdir ${name}-folder`;
    expect((await run(sandbox, make('piped'))).out).toBe('0022\n');
    expect((await run(sandbox, make('merged'), { merge: true })).out).toBe('0022\n');
    expect((await run(sandbox, make('typed'), { tty: { cols: 80, rows: 24 } })).out).toBe('0022\r\n');
    await sandbox.destroy(0);
    const modes = readdirSync(volume).map(
      (name) => `${name} ${(statSync(join(volume, name)).mode & 0o7777).toString(8)}`,
    );
    const names = ['merged', 'piped', 'typed'];
    expect(modes.sort()).toEqual(names.flatMap((name) => [`${name} 644`, `${name}-folder 755`]));
  });

  it('says of a folder that can not be entered which it is', async () => {
    const sandbox = await test.host.create(testSpec('folders'));
    await expect(run(sandbox, ':', { cwd: '/nowhere' })).rejects.toThrow(/\/nowhere/);
    await sandbox.destroy(0);
  });

  it.runIf(isolation !== 'none')('has a name, files and a process tree of its own', async () => {
    const sandbox = await test.host.create(testSpec('own'));
    expect((await run(sandbox, 'hostname; cat /etc/hostname')).out).toBe('own\nown\n');
    expect((await run(sandbox, 'ls -d /proc/[0-9]* | wc -l')).out.trim()).toMatch(/^[2-6]$/);
    expect((await run(sandbox, 'touch /tmp/a "$HOME/b" /workspace/c && echo yes')).out).toBe('yes\n');
    expect(existsSync('/tmp/a')).toBe(false);
    await expect(sandbox.spawn(testCommand('', { argv: ['no-such-program'] }))).rejects.toThrow(/no-such-program/);
    await sandbox.destroy(0);
  });

  it.runIf(isolation !== 'none')('lets no variable of a command reach what starts it', async () => {
    const sandbox = await test.host.create(testSpec('variables'));
    const env = { PERL5OPT: '-Mno_such_module', ONMEMOS_ARCH: 'other', PATH: '/bin' };
    expect((await run(sandbox, 'echo "$PERL5OPT $ONMEMOS_ARCH $PATH"', { env })).out).toBe(
      '-Mno_such_module other /bin\n',
    );
    await sandbox.destroy(0);
  });

  it.runIf(isolation !== 'none')('hands out ready ones under the session’s name and limits', async () => {
    test.host.pool(2);
    const folders = () => readdirSync(join(test.dataDir, 'sandboxes')).filter((name) => name.startsWith('ready-'));
    await until(() => folders().length === 2, 'two are ready');
    const volume = join(test.dataDir, 'pool-volume');
    mkdirSync(volume, { recursive: true });
    const sandbox = await test.host.create(testSpec('pooled', { workspace_dir: volume }));
    expect(sandbox.log_dir).toContain('ready-');
    expect((await run(sandbox, 'hostname; touch made; pwd')).out).toBe('pooled\n/workspace\n');
    expect(existsSync(join(volume, 'made'))).toBe(true);
    expect((await sandbox.usage()).memory_limit_mb).toBe(256);
    await expect(test.host.create(testSpec('pooled'))).rejects.toThrow(/there already/);
    await sandbox.destroy(0);
    test.host.pool(0);
    await until(() => folders().length === 0, 'none is kept ready');
  });

  const python = existsSync('/usr/bin/python3');
  if (!python) process.emitWarning('the stock of sandboxes with Python is not tested: it needs python3');
  it.runIf(python && isolation !== 'none')('gives sandboxes with Python from a stock as well', async () => {
    test.host.pool(1);
    // One from the stock keeps the folder that it was made in; any other has a folder of its own name.
    const fromStock = async (key: string): Promise<boolean> => {
      const sandbox = await test.host.create(testSpec(key, { python: true }));
      const named = readdirSync(join(test.dataDir, 'sandboxes')).includes(key);
      expect((await run(sandbox, 'command -v python; python -c "print(6 * 7)"; hostname')).out).toBe(
        `/venv/bin/python\n42\n${key}\n`,
      );
      await sandbox.destroy(0);
      return !named;
    };
    expect(await fromStock('snake-0')).toBe(false);
    let count = 0;
    await until(() => fromStock(`snake-${++count}`), 'one with Python comes from the stock');
    test.host.pool(0);
  });

  it('measures memory to a tenth of a MiB', async () => {
    const sandbox = await test.host.create(testSpec('small'));
    const spawned = await sandbox.spawn(testCommand('sleep 1000'));
    const memory: (number | null)[] = [];
    await until(async () => {
      memory.push((await sandbox.usage()).memory_mb);
      return (memory.at(-1) ?? 0) > 0;
    }, 'a small session has memory');
    for (const each of memory) expect(Math.round((each ?? 0) * 10) / 10).toBe(each);
    await spawned.signal('KILL');
    await sandbox.destroy(0);
  });

  it('ends a session that writes more than its disk, and no other', async () => {
    const [greedy, modest] = await Promise.all([
      test.host.create(testSpec('greedy', { disk_mb: 30 })),
      test.host.create(testSpec('modest')),
    ]);
    const spawned = await greedy.spawn(testCommand('head -c 90000000 /dev/zero > big; sleep 1000'));
    spawned.stdout.resume();
    expect(await greedy.ended).toMatchObject({ reason: 'disk_limit' });
    expect((await run(modest, 'echo alive')).out).toBe('alive\n');
    await Promise.all([greedy.destroy(0), modest.destroy(0)]);
  });
});

/** Other users' groups are not for an ordinary user to look into, and hold nothing of his. */
const listing = (dir: string) => {
  try {
    return readdirSync(dir, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'ENOENT') return [];
    throw error;
  }
};

/** Names of control groups anywhere that match. */
function groupsBelow(name: RegExp): readonly string[] {
  const found: string[] = [];
  const walk = (dir: string, depth: number) => {
    for (const entry of listing(dir)) {
      if (!entry.isDirectory()) continue;
      if (name.test(entry.name)) found.push(join(dir, entry.name));
      if (depth > 0) walk(join(dir, entry.name), depth - 1);
    }
  };
  walk('/sys/fs/cgroup', 5);
  return found;
}
