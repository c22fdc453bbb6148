import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NODE, personEnv, type RunningServer, startServer, stopServer } from '../acceptance/support/server.ts';
import { chromiumProgram, fetched, RUNTIMES } from '../support/runtimes.ts';
import { type PageSite, reportOfPage, startSite } from './typescript/browser.ts';
import { compile, type InstalledPackage, installedPackage } from './typescript/installed.ts';
import type { Report } from './typescript/sample.ts';

const run = promisify(execFile);

const EXPECTED: Report = {
  health: 'healthy',
  status: 'running',
  run: ['out\n', 'err\n', 3],
  argv: 'one.two words.',
  input: '300000',
  followed: ['1', '2', '3'],
  events: ['chunk', 'exit'],
  log: '1\n2\n3\n',
  typed: 'ready\nheard a line\n',
  terminal: 'ready\nsize: 30 100\n',
  command: 'in the shell\n',
  returncode: 7,
  listed: true,
  missing: 'not_found',
  left: 'terminated',
  refused: 'session_not_running',
};

const node22 = await fetched(RUNTIMES['Node 22']);
const deno = await fetched(RUNTIMES['Deno']);
const bun = await fetched(RUNTIMES['Bun']);
const chromium = await chromiumProgram();

let installed: InstalledPackage;
let site: PageSite;
let server: RunningServer;
let complaints: string;

beforeAll(async () => {
  installed = await installedPackage();
  complaints = await compile(installed.folder);
  site = await startSite(installed.folder);
  server = await startServer({ env: { ONMEMOS_CORS_ORIGINS: site.origin } });
});

afterAll(async () => {
  await stopServer(server);
  await site.close();
  await installed.remove();
});

/** What the sample says, run by a program of the machine as a user would run it. */
const reportBy = async (program: string, ...args: string[]): Promise<Report> => {
  const env = { ...personEnv(), ONMEMOS_BASE_URL: server.url, ONMEMOS_API_KEY: server.key, DENO_NO_UPDATE_CHECK: '1' };
  const { stdout } = await run(program, [...args, 'main.js'], { cwd: installed.folder, env });
  return JSON.parse(stdout) as Report;
};

describe('the TypeScript SDK, installed from its tarball', () => {
  it('has types that a strict compiler takes, with the web’s own interfaces and nothing else', () => {
    expect(complaints).toBe('');
  });

  it('has types that refuse what the wire does not have', async () => {
    const program = [
      "import { OnMemOSClient } from 'onmemos';",
      'const { sessions, execs } = new OnMemOSClient();',
      'void sessions.create({ ttl_minute: 5 });',
      "void sessions.create({ provider: 'nowhere' });",
      "void execs.signal('ses-1', 'exe-1', 'STRIKE');",
      'sessions.create({}).then((session) => session.nothing);',
    ];
    await writeFile(join(installed.folder, 'wrong.ts'), program.join('\n'));
    const lines = (await compile(installed.folder, ['wrong.ts'])).matchAll(/^wrong\.ts\((\d+),\d+\): error TS2\d+/gm);
    expect([...lines].map(([, line]) => Number(line))).toEqual([3, 4, 5, 6]);
  });

  it('is used in its README as it can be', async () => {
    const readme = await readFile(join(installed.folder, 'node_modules', 'onmemos', 'README.md'), 'utf8');
    const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
    expect(example).toContain('client.sessions.create');
    const platform = 'declare const process: Record<"stdout" | "stderr", { write(data: Uint8Array): void }>;';
    await writeFile(join(installed.folder, 'readme.ts'), `${example}\n${platform}\n`);
    expect(await compile(installed.folder, ['readme.ts'])).toBe('');
  });

  it('is bundled for a browser without a complaint, and small', async () => {
    const entryPoints = [join(installed.folder, 'page.js')];
    const bundled = await build({
      entryPoints,
      bundle: true,
      minify: true,
      platform: 'browser',
      format: 'esm',
      write: false,
    });
    expect([bundled.errors, bundled.warnings]).toEqual([[], []]);
    const [file] = bundled.outputFiles;
    expect(file?.text).not.toMatch(/\b(require\(|from\s*"node:)/);
    expect(gzipSync(file?.contents ?? '').length).toBeLessThan(20_000);
  });

  it('works on the Node that runs these tests', async () => {
    expect(await reportBy(NODE)).toEqual(EXPECTED);
  });

  it('finds the server and the key of its machine by itself', async () => {
    const script = "import { OnMemOSClient } from 'onmemos'; console.log(await new OnMemOSClient().info());";
    const env = { ...personEnv(), ONMEMOS_DATA_DIR: server.dataDir };
    const args = ['--input-type=module', '--eval', script];
    const refused = run(NODE, args, { cwd: installed.folder, env: { ...env, ONMEMOS_API_KEY: 'omk_wrong_key' } });
    await expect(refused).rejects.toThrow('Authentication failed - check API key');
    const { stdout } = await run(NODE, args, { cwd: installed.folder, env });
    expect(stdout).toContain("service: 'onmemos'");
  });

  it.runIf(node22)('works on Node 22', async () => {
    expect(await reportBy(node22 ?? '')).toEqual(EXPECTED);
  });

  it('says from which Node on it works, as its package does', async () => {
    const { engines } = JSON.parse(await readFile('sdk/typescript/package.json', 'utf8'));
    const [, least] = /Node ([\d.]+) or later, browsers/.exec(await readFile('sdk/typescript/README.md', 'utf8')) ?? [];
    expect(engines).toEqual({ node: `>=${least}` });
  });

  const using = 'const end = async () => console.log("left"); await using it = { [Symbol.asyncDispose]: end };';

  it.runIf(node22)('needs a compiler for `await using` on Node 22, and none for `finally`', async () => {
    const written = run(node22 ?? '', ['--input-type=module', '--eval', using]);
    await expect(written).rejects.toThrow('SyntaxError');
    const own = 'const end = async () => console.log("left"); try { } finally { await end(); }';
    expect((await run(node22 ?? '', ['--input-type=module', '--eval', own])).stdout).toBe('left\n');
  });

  it.for([
    ['this Node', NODE, ['--input-type=module', '--eval']],
    ['Deno', deno, ['eval']],
    ['Bun', bun, ['--eval']],
  ] as const)('runs `await using` as it is written on %s', async ([, program, args], { skip }) => {
    if (!program) return skip('this runtime is not here: `npm run test:all` fetches it');
    expect((await run(program, [...args, using])).stdout).toBe('left\n');
  });

  it.runIf(deno)('works on Deno', async () => {
    const allowed = ['--allow-env', '--allow-net=127.0.0.1', '--allow-read', '--no-lock', '--node-modules-dir=manual'];
    expect(await reportBy(deno ?? '', 'run', ...allowed, '--no-prompt', '--cached-only')).toEqual(EXPECTED);
  });

  it.runIf(bun)('works on Bun', async () => {
    expect(await reportBy(bun ?? '')).toEqual(EXPECTED);
  });

  it.runIf(chromium)('works in a browser, on a page of another origin, by tickets', async () => {
    site.settings = { baseUrl: server.url, apiKey: server.key };
    expect(await reportOfPage(chromium ?? '', site)).toEqual(EXPECTED);
  });
});
