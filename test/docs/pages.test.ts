import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, startServer, stopServer } from '../acceptance/support/server.ts';
import { installedPython, type Python, pythonLack, runPython } from '../sdk/support/python.ts';
import { files } from '../architecture/source.ts';
import { ROOT, type Snippet, snippets } from './snippets.ts';

const run = promisify(execFile);
const RUN_PAGE = join(ROOT, 'test', 'sdk', 'quick-reference', 'harness', 'run_page.py');
let folder: string;
let server: RunningServer;

/** How each block is run, by page and place. A block without an entry here fails the suite. */
const RUNS: Readonly<Record<string, (snippet: Snippet) => Promise<void>>> = {
  // The suite itself runs after `npm ci`; what the command starts is checked here with its own self-check.
  'README.md#0': async ({ text }) => {
    expect(text.trim()).toBe('npm ci && npm start');
    const started = await startServer({ args: [] });
    expect(started.printed()).toMatch(/check\s+delete it\s+[\d.]+ ms\s+terminated/);
    await stopServer(started);
  },
  'README.md#1': async ({ text }) => {
    expect(text.trim()).toBe('npm ci && npm test');
  },
  'README.md#2': async ({ text }) => {
    const { stdout } = await shell(text.replaceAll('http://127.0.0.1:8080', server.url));
    expect(stdout).toContain('"status":"running"');
    expect(stdout).toMatch(/"stdout":"hello from oms-ses-[a-z0-9]+\\n"/);
    expect(stdout).toContain('"cost_per_hour":0');
    expect(stdout).toContain('"status":"terminated"');
  },
  'docs/running.md#0': async ({ text }) => {
    const { stdout } = await shell(text.replaceAll('/tmp/onmemos-backup', join(folder, 'backup')));
    expect(stdout).toContain('is copied to');
  },
  'docs/running.md#1': async ({ text }) => {
    const { stdout } = await shell(
      text.replaceAll('/tmp/onmemos-backup', join(folder, 'backup')),
      join(folder, 'restored'),
    );
    expect(stdout).toContain('npm start serves it');
    const again = await startServer({ dataDir: join(folder, 'restored') });
    expect(again.key).toBe(server.key);
    const answer = await fetch(`${again.url}/v1/users`, { headers: { 'X-API-Key': server.key } });
    expect(await answer.text()).toContain('"user_id":"me"');
    await stopServer(again);
  },
};

const shell = (text: string, dataDir = server.dataDir) =>
  run('sh', ['-euc', `npm() { command npm --prefix "${ROOT}" "$@"; }\n${text}`], {
    cwd: folder,
    env: { ...process.env, ONMEMOS_DATA_DIR: dataDir },
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onmemos-docs-'));
  server = await startServer();
});

afterAll(async () => {
  await stopServer(server);
  await rm(folder, { recursive: true, force: true });
});

describe('every block of README and docs', () => {
  const pages = files('.md').filter((page) => page === 'README.md' || page.startsWith('docs/'));
  const blocks = pages.flatMap((page) =>
    snippets(page)
      .filter(({ language }) => language !== '' && language !== 'text' && language !== 'python')
      .map((snippet, i) => ({ name: `${page}#${i}`, snippet })),
  );

  it('is known to this test, and nothing else is', () => {
    expect(blocks.map(({ name }) => name).sort()).toEqual(Object.keys(RUNS).sort());
  });

  it.each(blocks)('$name runs as printed', async ({ name, snippet }) => {
    await RUNS[name]?.(snippet);
  });
});

describe('the Python blocks of a page', () => {
  const counts = files('.md')
    .filter((page) => /^(README\.md$|docs\/|sdk\/python\/compat\/)/.test(page))
    .map((page) => ({ page, count: snippets(page).filter(({ language }) => language === 'python').length }))
    .filter(({ count }) => count > 0);
  let python: Python;
  let lack: string | null;

  beforeAll(async () => {
    lack = await pythonLack();
    if (lack === null) python = await installedPython();
  }, 300_000);
  afterAll(() => python?.remove());

  it.for(counts)(
    'of $page run in order, in one process, and print what they say',
    async ({ page, count }, { skip }) => {
      if (lack !== null) skip(lack);
      const printed = await runPython(python.program, [RUN_PAGE, join(ROOT, page)], {
        ONMEMOS_BASE_URL: server.url,
        ONMEMOS_API_KEY: server.key,
      });
      expect(JSON.parse(printed)).toEqual({ blocks: count });
    },
  );
});
