import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NODE, type RunningServer, startServer, stopServer } from '../../acceptance/support/server.ts';
import { cachedRuntime } from '../../support/runtimes.ts';
import { CLI, type Home, makeHome } from './support/cli.ts';

const run = promisify(execFile);
const BUILD = join(import.meta.dirname, '..', '..', '..', 'sdk', 'cli', 'build.ts');
const ROUNDS = 15;
/** The only package that may be there beside it. */
const OPTIONAL = /^@onmemos\/standalone(\/|$)/;
const node22 = cachedRuntime('Node 22');

let server: RunningServer;
let home: Home;
let out: string;
let program: string;

beforeAll(async () => {
  server = await startServer();
  home = await makeHome({ ONMEMOS_BASE_URL: server.url, ONMEMOS_API_KEY: server.key, ONMEMOS_USER: 'ada' });
  out = await mkdtemp(join(tmpdir(), 'onmemos-cli-package-'));
  await run(NODE, [BUILD, out], { env: home.env });
  program = join(out, 'bin', 'onmemos.mjs');
});
afterAll(async () => {
  await stopServer(server);
  await home.remove();
  await rm(out, { recursive: true, force: true });
});

const medianMs = async (node: string, args: readonly string[]): Promise<number> => {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    await run(node, [...args], { env: home.env });
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
};

describe('the package as it is published', () => {
  it('has all that it needs but Node and the service of this machine', async () => {
    const manifest = JSON.parse(await readFile(join(out, 'package.json'), 'utf8')) as Record<string, unknown>;
    expect(manifest).toMatchObject({ name: '@onmemos/cli', bin: { onmemos: 'bin/onmemos.mjs' }, type: 'module' });
    expect(manifest).not.toHaveProperty('dependencies');
    expect((await readdir(out)).sort()).toEqual(['LICENSE', 'NOTICES', 'README.md', 'bin', 'package.json']);
    for (const file of await readdir(join(out, 'bin'))) {
      const text = await readFile(join(out, 'bin', file), 'utf8');
      const wanted = [...text.matchAll(/\b(?:from|import|import\() ?"([^"\n,]+)"/g)].map(([, name = '']) => name);
      const missing = wanted.filter((name) => !isBuiltin(name) && !/^\.\/[\w.-]+\.mjs$/.test(name));
      expect(
        missing.filter((name) => !OPTIONAL.test(name)),
        file,
      ).toEqual([]);
    }
  });

  it('has the licence of each package in it', async () => {
    const notices = await readFile(join(out, 'NOTICES'), 'utf8');
    for (const name of ['commander', 'tar', 'minipass', 'yallist', '@xterm/headless', 'string-width'])
      expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+, (MIT|BlueOak-1\\.0\\.0)$`, 'm'));
    const [, ...packages] = notices.split(`\n${'-'.repeat(76)}\n`);
    expect(packages.length).toBeGreaterThanOrEqual(6);
    for (const text of packages) {
      // The text itself: who grants it, and that it comes without a warranty.
      expect(text).toMatch(/Copyright|Blue Oak Model License/);
      expect(text).toMatch(/warrant(y|ies)/i);
    }
  });

  it('runs from its own folder', async () => {
    expect((await run(NODE, [program, '--version'], { env: home.env })).stdout).toBe('0.1.0\n');
    expect((await run(NODE, [program, 'run', '-q', '--', 'echo bundled'], { env: home.env })).stdout).toBe('bundled\n');
  });

  it.runIf(node22)('runs on the oldest Node that it says it does', async () => {
    const node = node22 ?? '';
    const { stdout } = await run(node, [program, 'version', '--json'], { env: home.env });
    expect(JSON.parse(stdout)).toMatchObject({ node: expect.stringMatching(/^22\./), server: { url: server.url } });
    const child = run(node, [program, 'run', '-q', '--', 'tr a-z A-Z'], { env: home.env });
    child.child.stdin?.end('piped');
    expect((await child).stdout).toBe('PIPED');
  });

  it('loads nothing to tell its version', async () => {
    const loaded = await run(NODE, ['--cpu-prof', '--cpu-prof-dir', out, program, '--version'], { env: home.env });
    expect(loaded.stdout).toBe('0.1.0\n');
    const profile = (await readdir(out)).find((name) => name.endsWith('.cpuprofile')) ?? '';
    const { nodes } = JSON.parse(await readFile(join(out, profile), 'utf8')) as {
      nodes: { callFrame: { url: string } }[];
    };
    const own = new Set(nodes.map(({ callFrame }) => callFrame.url).filter((url) => url.startsWith('file:')));
    expect([...own].filter((url) => !url.endsWith('/bin/onmemos.mjs'))).toEqual([]);
    const bare = await medianMs(NODE, ['-e', '0']);
    const bundled = await medianMs(NODE, [program, '--version']);
    const source = await medianMs(NODE, [CLI, '--version']);
    const ms = (value: number): string => `${value.toFixed(0)} ms (${(value / bare).toFixed(2)} times node -e 0)`;
    console.log(
      `onmemos --version: ${ms(bundled)} bundled, ${ms(source)} from source; node -e 0: ${bare.toFixed(0)} ms`,
    );
  });
});
