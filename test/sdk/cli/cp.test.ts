import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NODE, type RunningServer, startServer, stopServer } from '../../acceptance/support/server.ts';
import { startProgram } from '../../support/program.ts';
import { CLI, call, type Home, makeHome } from './support/cli.ts';
import { cliTerminal } from './support/terminal.ts';

const OLD = new Date('2020-02-03T04:05:06Z');

describe.each(['full', 'none'])('onmemos cp, isolation %s', (isolation) => {
  let server: RunningServer;
  let home: Home;
  let session: string;
  let here: string;

  beforeAll(async () => {
    server = await startServer({ env: { ONMEMOS_ISOLATION: isolation } });
    home = await makeHome({ ONMEMOS_BASE_URL: server.url, ONMEMOS_API_KEY: server.key, ONMEMOS_USER: 'ada' });
    session = (await call(['sessions', 'create', '--quiet', '--ttl', '30m'], home)).stdout.trim();
  });
  afterAll(async () => {
    await stopServer(server);
    await home.remove();
  });
  beforeEach(async () => {
    here = await mkdtemp(join(tmpdir(), 'onmemos-cp-'));
    await inSession('rm -rf -- * .[!.]*');
  });
  afterEach(() => rm(here, { recursive: true, force: true }));

  const inSession = async (command: string): Promise<string> => {
    const { stdout, stderr, code } = await call(['exec', '--no-input', session, '--', command], home);
    if (code !== 0) throw new Error(`${command}: ${code}, ${stderr}`);
    return stdout;
  };
  const cp = (from: string, to: string, ...more: string[]) =>
    call(['cp', ...more, from.replace(/^S:/, `${session}:`), to.replace(/^S:/, `${session}:`)], { ...home, cwd: here });
  const asNobody = (from: string, to: string) =>
    startProgram(NODE, [CLI, 'cp', from, to], {
      env: { ...home.env, HOME: here, XDG_CONFIG_HOME: here, XDG_CACHE_HOME: here, ONMEMOS_DATA_DIR: here },
      cwd: here,
      uid: 65_534,
    }).ended;
  const LIST = `find . -mindepth 1 | sort | while read f; do
    if [ -L "$f" ]; then echo "$f -> $(readlink "$f")"; else stat -c '%n %a %F %Y' "$f"; fi; done`;

  /** A tree with everything that a copy is to keep. */
  const tree = async (): Promise<void> => {
    await mkdir(join(here, 'src/sub/empty'), { recursive: true });
    await writeFile(join(here, 'src/run.sh'), '#!/bin/sh\necho run\n');
    await chmod(join(here, 'src/run.sh'), 0o750);
    await writeFile(join(here, 'src/sub/ünï – name with spaces'), 'text');
    await writeFile(join(here, `src/sub/${'long'.repeat(50)}`), '');
    await writeFile(join(here, 'src/@file'), 'at');
    await symlink('../run.sh', join(here, 'src/sub/link'));
    await symlink('link', join(here, 'src/sub/chain'));
    for (const path of ['run.sh', 'sub/ünï – name with spaces', 'sub/empty', 'sub', '.']) {
      await utimes(join(here, 'src', path), OLD, OLD);
    }
    await chmod(join(here, 'src/sub/empty'), 0o555);
  };

  it('takes a folder there and back, with modes, times and links', async () => {
    await tree();
    const up = await cp('src', 'S:.', '--json');
    expect(up).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(up.stdout)).toMatchObject({ session_id: session, files: 4, folders: 3, links: 2, left_out: [] });
    const there = await inSession(LIST);
    expect(there).toContain(`./src/run.sh 750 regular file ${OLD.getTime() / 1000}\n`);
    expect(there).toContain(`./src/sub 755 directory ${OLD.getTime() / 1000}\n`);
    expect(there).toContain('./src/sub/chain -> link\n');
    const down = await cp('S:src', 'back');
    expect(down).toMatchObject({ code: 0, stdout: '' });
    expect(down.stderr).toMatch(/^Copied 4 files, 3 folders, 2 links \(\d+B\) to back, /);
    const list = (folder: string) =>
      startProgram('bash', ['-c', LIST], { env: home.env, cwd: join(here, folder) }).ended;
    expect((await list('back')).stdout).toBe((await list('src')).stdout);
    expect(await readFile(join(here, 'back/@file'), 'utf8')).toBe('at');
  });

  it('lands as cp -r does', async () => {
    await mkdir(join(here, 'd'));
    await writeFile(join(here, 'd/f'), '1');
    await writeFile(join(here, '-x'), '2');
    for (const [from, to] of [
      ['d', 'S:new'],
      ['d', 'S:new'],
      ['d/.', 'S:new/more'],
      ['d/f', 'S:new'],
      ['./-x', 'S:-y'],
      ['d/f', 'S:new/g'],
    ]) {
      expect(await cp(from as string, to as string)).toMatchObject({ code: 0 });
    }
    expect(await inSession('find . -type f | sort')).toBe('./-y\n./new/d/f\n./new/f\n./new/g\n./new/more/f\n');
    await mkdir(join(here, 'in'));
    for (const [from, to] of [
      ['S:new', 'in'],
      ['S:new', 'out'],
      ['S:new/.', 'in/all'],
      ['S:new/g', 'in'],
      ['S:-y', 'z'],
      ['S:new/g', 'in/f'],
    ]) {
      expect(await cp(from as string, to as string)).toMatchObject({ code: 0 });
    }
    const found = (await readdir(here, { recursive: true })).filter((name) => /(^|\/)[fgz]$/.test(name)).sort();
    const tree = ['d/f', 'f', 'g', 'more/f'];
    const trees = ['in/all', 'in/new', 'out'].flatMap((folder) => tree.map((name) => `${folder}/${name}`));
    expect(found).toEqual(['d/f', 'in/f', 'in/g', 'z', ...trees].sort());
    await inSession('ln -s new/g latest');
    expect(await cp('S:latest', 'latest')).toMatchObject({ code: 0 });
    expect((await lstat(join(here, 'latest'))).isFile()).toBe(true);
  });

  it('takes and gives a tar stream', async () => {
    await mkdir(join(here, 'd'));
    await writeFile(join(here, 'd/f'), 'in a stream');
    const shell = (line: string) =>
      startProgram('bash', ['-c', `set -o pipefail; ${line}`], {
        env: { ...home.env, CP: `${NODE} ${CLI} cp`, S: session },
        cwd: here,
      }).ended;
    expect(await shell('tar c d | $CP - $S:.')).toMatchObject({ code: 0, stderr: '' });
    expect(await inSession('cat d/f')).toBe('in a stream');
    expect(await shell('$CP $S:d - | tar xO ./f')).toMatchObject({ code: 0, stdout: 'in a stream' });
    expect((await shell('$CP - $S:d/f < /dev/null')).code).toBe(2);
  });

  it('says what is wrong, with a code of its kind', async () => {
    await writeFile(join(here, 'f'), '');
    await mkdir(join(here, 'd'));
    await inSession('mkdir there; echo > file');
    const failures: readonly (readonly [string, string, number, RegExp])[] = [
      ['nosuch', 'S:.', 3, /no file or folder nosuch on this machine/],
      ['S:nosuch', '.', 3, /no file or folder nosuch in the session/],
      ['f', 'S:nosuch/f', 3, /no folder nosuch in the session\.\n.*mkdir -p nosuch/],
      ['f', 'S:nosuch/', 2, /no folder nosuch\//],
      ['d', 'S:file', 2, /file is not a folder/],
      ['S:there', 'f', 2, /f is not a folder/],
      ['S:file', 'nosuch/f', 3, /no folder nosuch on this machine/],
      ['f', 'd', 2, /No side is in a session/],
      ['S:file', 'S:there', 2, /Both sides/],
      ['f', 'nobody:.', 3, /no session nobody/],
      ['/dev/null', 'S:.', 2, /neither a file nor a folder/],
    ];
    for (const [from, to, code, message] of failures) {
      const outcome = await cp(from, to);
      expect(outcome.stderr).toMatch(/^onmemos: /);
      expect(outcome.stderr).toMatch(message);
      expect([from, to, outcome.code, outcome.stdout]).toEqual([from, to, code, '']);
    }
    const told = await cp('S:nosuch', '.', '--json');
    expect(JSON.parse(told.stdout)).toMatchObject({ error: { code: 'not_found', exit_code: 3 } });
  });

  it('writes nothing outside the target, whatever the session sends', async () => {
    await mkdir(join(here, 'outside'));
    await writeFile(join(here, 'outside/kept'), 'mine');
    await mkdir(join(here, 'target/deep'), { recursive: true });
    await symlink('../outside', join(here, 'target/trap'));
    await symlink('../../outside/kept', join(here, 'target/deep/kept'));
    await inSession(`mkdir -p evil/trap evil/deep && echo evil > evil/trap/kept && echo evil > evil/deep/kept && echo good > evil/good
      ln -s /etc evil/absolute; ln -s ../../outside evil/up; ln -s . evil/self; ln -s self/../../outside evil/chain; ln -s good evil/fine
      mkfifo evil/fifo; chmod 4755 evil/good; touch -d 2020-01-01 evil/good`);
    const { code, stdout, stderr } = await cp('S:evil/.', 'target', '--json');
    expect(code).toBe(1);
    const { left_out } = JSON.parse(stdout) as { left_out: { path: string; why: string }[] };
    const left = left_out.map(({ path }) => path.replace(/^\.\//, '')).sort();
    expect(left).toEqual(['absolute', 'chain', 'fifo', 'up']);
    expect(stderr).toContain('onmemos: left out absolute: ');
    expect(await readFile(join(here, 'outside/kept'), 'utf8')).toBe('mine');
    expect(await readdir(join(here, 'outside'))).toEqual(['kept']);
    // A link in the place of a file or folder is replaced, and not followed.
    expect((await lstat(join(here, 'target/deep/kept'))).isFile()).toBe(true);
    expect((await lstat(join(here, 'target/trap'))).isDirectory()).toBe(true);
    expect(await readlink(join(here, 'target/fine'))).toBe('good');
    expect((await lstat(join(here, 'target/good'))).mode & 0o7777).toBe(0o755);
    expect((await lstat(join(here, 'target/good'))).mtime.getUTCFullYear()).toBe(2020);
  });

  it('keeps the file that is there where the new one has no room', async () => {
    await inSession('mkdir d; head -c 3000000 /dev/zero > d/big; echo small > d/a');
    await writeFile(join(here, 'f'), 'good');
    const limited = (from: string, to: string) =>
      startProgram('bash', ['-c', `trap '' XFSZ; ulimit -f 1000; exec ${NODE} ${CLI} cp ${session}:${from} ${to}`], {
        env: home.env,
        cwd: here,
      }).ended;
    const file = await limited('d/big', 'f');
    expect(file).toMatchObject({ code: 1, stdout: '' });
    expect(file.stderr).toMatch(/^onmemos: The copy could not be unpacked in .*: EFBIG: .*\n`ulimit -f` .*\n$/);
    expect(await readFile(join(here, 'f'), 'utf8')).toBe('good');
    expect(await readdir(here)).toEqual(['f']);
    const folder = await limited('d', 'd');
    expect(folder).toMatchObject({ code: 1, stdout: '' });
    expect(folder.stderr).toMatch(/^onmemos: The copy could not be unpacked in .*: EFBIG: /);
    expect(await readdir(join(here, 'd'))).not.toContain('big');
  });

  it('leaves out a file that it may not read, and copies the rest', async () => {
    await mkdir(join(here, 'd/closed'), { recursive: true });
    for (const name of ['a', 'secret', 'z']) await writeFile(join(here, 'd', name), name);
    await writeFile(join(here, 'd/closed/in'), '');
    await chmod(here, 0o755);
    await chmod(join(here, 'd/secret'), 0o600);
    await chmod(join(here, 'd/closed'), 0o700);
    const folder = await asNobody('d', `${session}:d`);
    expect(folder).toMatchObject({ code: 1, stdout: '' });
    expect(folder.stderr.split('\n').sort().slice(1)).toEqual([
      expect.stringMatching(/^Copied 2 files, 1 folder \(2B\) to /),
      expect.stringMatching(/^onmemos: left out closed: EACCES: permission denied, /),
      expect.stringMatching(/^onmemos: left out secret: EACCES: permission denied, /),
    ]);
    expect(await inSession('find d -type f | sort')).toBe('d/a\nd/z\n');
    const file = await asNobody('d/secret', `${session}:d/a`);
    expect(file).toMatchObject({ code: 1, stdout: '' });
    expect(file.stderr).toMatch(/^onmemos: d\/secret can’t be read: EACCES: .*\nMake it readable /);
    expect(await inSession('cat d/a')).toBe('a');
  });

  it('keeps the file that is there where none can be made', async () => {
    await inSession('echo new > f');
    await writeFile(join(here, 'f'), 'good');
    await chmod(here, 0o755);
    const { code, stdout, stderr } = await asNobody(`${session}:f`, 'f');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^onmemos: The copy could not be unpacked in .*: EACCES: permission denied, open '.*\/f'\n/);
    expect(await readFile(join(here, 'f'), 'utf8')).toBe('good');
  });

  it('leaves nothing running where a file is shorter than it was', async () => {
    // The kernel says 4096 bytes, and gives fewer.
    const { code, stdout, stderr } = await cp('/sys/devices/system/cpu/online', 'S:f');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^onmemos: .*online became shorter while it was copied\.\nCopy it again .*\n$/);
    const running = async () => {
      const { stdout: table } = await call(['jobs', '--all', session], home);
      expect(table).toContain('onmemos-cp');
      return table.split('\n').filter((line) => line.includes('running'));
    };
    await expect.poll(running).toEqual([]);
    expect(await inSession('ls -A')).toBe('');
  });

  it('is no command of the session: jobs lists it with --all only, and logs never mean it', async () => {
    const own = (await call(['exec', '-d', session, '--', 'echo mine'], home)).stdout.trim();
    await call(['wait', session, own], home);
    const { stdout: before } = await call(['jobs', '-q', session], home);
    await writeFile(join(here, 'f'), '1');
    await mkdir(join(here, 'd'));
    for (const [from, to] of [
      ['f', 'S:f'],
      ['d', 'S:d'],
      ['S:f', 'g'],
      ['S:d', 'e'],
      ['S:f', '-'],
    ])
      expect(await cp(from as string, to as string)).toMatchObject({ code: 0 });
    expect((await call(['jobs', '-q', session], home)).stdout).toBe(before);
    const all = JSON.parse((await call(['jobs', '--all', '--json', session], home)).stdout) as { exec_id: string }[];
    // Each copy looks at its path, and at its folder where that is another, before it packs or unpacks.
    expect(all.length - before.trim().split('\n').length).toBeGreaterThanOrEqual(10);
    expect((await call(['logs', session], home)).stdout).toBe('mine\n');
    expect((await call(['wait', session], home)).code).toBe(0);
  });

  it('shows on a terminal what it has copied', async () => {
    await inSession('head -c 20000000 /dev/zero > big');
    const screen = cliTerminal(['cp', `${session}:big`, join(here, 'big')], { env: home.env, cols: 80, rows: 24 });
    expect((await screen.ended).code).toBe(0);
    expect(screen.text()).toMatch(/Copied 1 file \(19(\.1)?Mi\) to .*\/s\./);
  });
});
