import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { personEnv } from '../acceptance/support/server.ts';
import { ROOT } from '../process/support/root.ts';
import { fetched, nodeOf, UNREACHABLE } from '../support/runtimes.ts';

const run = promisify(execFile);
const STANDALONE = join(ROOT, 'functions', 'standalone');

let folder: string;
/** Too old for all of it, and without a way to replace a process. */
let old: string | null;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onmemos launchers '));
  old = await fetched(nodeOf('18'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const failing = (program: string, args: readonly string[]) =>
  run(program, [...args], { env: personEnv() }).then(
    () => ({ code: 0, stdout: '', stderr: '' }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );

describe('a launcher', () => {
  const TOLD =
    'console.log(JSON.stringify([process.versions.node.split(".")[0], process.cwd(), ...process.argv.slice(2)]));';

  it('hands on arguments as they are, from any folder and by any name', async () => {
    const program = join(folder, 'told.mjs');
    await writeFile(program, TOLD);
    const args = ['two words', '', "it's", '$HOME', '*', '--help'];
    const { stdout } = await run('sh', [join(STANDALONE, 'run.sh'), program, ...args], { cwd: folder });
    expect(JSON.parse(stdout)).toEqual(['26', folder, ...args]);
    const unknown = ['--env-file', join(folder, 'nothing.env')];
    const told = await run('sh', [join(STANDALONE, 'run.sh'), program, ...unknown], { cwd: folder });
    expect(JSON.parse(told.stdout)).toEqual(['26', folder, ...unknown]);
    const link = join(folder, 'my onmemos');
    await symlink(join(ROOT, 'onmemos'), link);
    expect((await run(link, ['--version'], { cwd: folder })).stdout).toBe('0.1.0\n');
  });

  it('says that nothing is installed, or not everything', async () => {
    const clone = join(folder, 'clone');
    await mkdir(join(clone, 'functions', 'standalone'), { recursive: true });
    await mkdir(join(clone, 'node_modules'));
    await copyFile(join(STANDALONE, 'run.sh'), join(clone, 'functions', 'standalone', 'run.sh'));
    const { code, stderr } = await failing('sh', [join(clone, 'functions', 'standalone', 'run.sh'), 'any.mjs']);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^Nothing is installed here yet.*`npm ci` first\.\n$/)]);
  });

  it('replaces itself: the program has its process', async () => {
    const program = join(folder, 'pid.mjs');
    await writeFile(program, 'console.log(process.pid);');
    const child = spawn('sh', [join(STANDALONE, 'run.sh'), program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [text] = (await once(child.stdout, 'data')) as [Buffer];
    expect(Number(text.toString())).toBe(child.pid);
  });
});

describe('an old Node', () => {
  it('says in one sentence what is needed, where no other one is installed', async ({ skip }) => {
    if (old === null) return skip(UNREACHABLE);
    for (const name of ['start.mjs', 'own-node.mjs']) await copyFile(join(STANDALONE, name), join(folder, name));
    const { code, stderr } = await failing(old, [join(folder, 'start.mjs')]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^OnMemOS needs Node 24 or later, and this is Node 18\.\S+\. Install Node 24 .*\n$/),
    ]);
  });

  it('goes on in ours: signals reach it, and it ends as that ends', async ({ skip }) => {
    if (old === null) return skip(UNREACHABLE);
    const program = join(folder, 'signals.mjs');
    await writeFile(
      program,
      `process.on('SIGTERM', () => { console.log('TERM'); process.exit(7); });
       process.on('SIGHUP', () => { process.removeAllListeners('SIGHUP'); process.kill(process.pid, 'SIGHUP'); });
       setInterval(() => {}, 1000); console.log(process.versions.node);`,
    );
    const begin = async (node: string) => {
      const child = spawn(node, [join(STANDALONE, 'run.mjs'), program], { stdio: ['ignore', 'pipe', 'inherit'] });
      let printed = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
      });
      await once(child.stdout, 'data');
      const ended = once(child, 'close').then(([code, signal]) => [code, signal, printed.replace(/^26\..*\n/, '')]);
      return { child, ended };
    };
    const asked = await begin(old);
    asked.child.kill('SIGTERM');
    expect(await asked.ended).toEqual([7, null, 'TERM\n']);
    const hungUp = await begin(old);
    hungUp.child.kill('SIGHUP');
    expect(await hungUp.ended).toEqual([null, 'SIGHUP', '']);
  });

  it('runs the command line, by whatever npm has linked', async ({ skip }) => {
    if (old === null) return skip(UNREACHABLE);
    const args = [join(ROOT, 'node_modules', '.bin', 'onmemos'), 'version', '--json'];
    const env = { ...personEnv(), HOME: folder, ONMEMOS_DATA_DIR: join(folder, 'none') };
    const { stdout } = await run(old, args, { env });
    expect(JSON.parse(stdout)).toMatchObject({ node: expect.stringMatching(/^26\./) });
  });
});
