import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NODE, type RunningServer, startServer, stopServer } from '../acceptance/support/server.ts';
import { files } from '../architecture/source.ts';
import { freePort } from '../support/free-port.ts';
import { installedPython, type Python, pythonLack } from '../sdk/support/python.ts';
import {
  endServer,
  envOf,
  justCloned,
  makeClone,
  makeFolder,
  makePrograms,
  type Place,
  removeFolder,
  runProgram,
} from './place.ts';
import { fits, outputsOf, programOf, saidBy } from './programs.ts';
import { example, LANGUAGES, type Language, ROOT, type Snippet, snippets } from './snippets.ts';

const run = promisify(execFile);
const QUICK_START = 'docs/quick-start.md';

/** Their figures are of a server that prices what runs here as if it ran elsewhere. */
const PRICED: ReadonlySet<string> = new Set(['docs/guides/cost.md', 'docs/examples/budget.py']);

let folder: string;
let server: RunningServer;
let priced: RunningServer;
let pythonMissing: string | null;
/** Made while pages in other languages run already; null where there is no Python. */
let python: Promise<Python> | null = null;
let programs: string;
/** Why what the pages show can't be seen here; null where it can. */
let unheld: string | null;

const placeAt = async (env: Readonly<Record<string, string>>, interpreter = 'python3'): Promise<Place> => ({
  folder: await makeClone(folder),
  env: envOf(folder, env),
  python: interpreter,
  programs,
  replace: { 'http://127.0.0.1:8080': server.url, '/tmp/onmemos-backup': join(folder, 'backup') },
});
/** Where its server is found as one of this machine is, by its data folder. */
const placeOf = async (page: string, language: Language): Promise<Place> => {
  const interpreter = language === 'python' ? (await python)?.program : undefined;
  return placeAt({ ONMEMOS_DATA_DIR: (PRICED.has(page) ? priced : server).dataDir }, interpreter);
};

// The suite itself runs after `npm ci`, and test/install runs the two commands with old npm and Node. What the first one
// starts is checked here with its own self-check.
const starts = async (text: string): Promise<void> => {
  expect(text.trim()).toBe('npm ci && npm start');
  const started = await startServer({ args: [] });
  expect(started.printed()).toMatch(/check\s+delete it\s+[\d.]+ ms\s+terminated/);
  await stopServer(started);
};
const tests = async (text: string): Promise<void> => {
  expect(text.trim()).toBe('npm ci && npm test');
};

/** Blocks that do not run as one program with the others of their page: each by its page and place, and how it is run. */
const APART: Readonly<Record<string, (text: string) => Promise<void>>> = {
  'README.md#0': starts,
  'README.md#1': tests,
  'docs/installing.md#0': starts,
  'docs/installing.md#1': tests,
  'README.md#5': async (text) => {
    const printed = await runProgram(await placeOf('README.md', 'sh'), 'sh', 'README.md', text);
    expect(printed).toContain('"status":"running"');
    expect(printed).toMatch(/"stdout":"hello from \S+\\n"/);
    expect(printed).toContain('"cost_per_hour":0');
    expect(printed).toContain('"status":"terminated"');
  },
  'CONTRIBUTING.md#0': async (text) => {
    const printed = await runProgram(await placeOf('CONTRIBUTING.md', 'sh'), 'sh', 'CONTRIBUTING.md', text);
    expect(printed).toMatch(/^ok +architecture/m);
    expect(printed).toMatch(/^verify: /m);
    expect(printed).toMatch(/^[1-9]\d* passed, 0 failed/m);
  },
  'docs/running.md#0': async (text) => {
    const at = await placeOf('docs/running.md', 'sh');
    expect(await runProgram(at, 'sh', 'running.md', text)).toContain('is copied to');
  },
  'docs/running.md#1': async (text) => {
    const dataDir = join(folder, 'restored');
    const at = await placeAt({ ONMEMOS_DATA_DIR: dataDir });
    expect(await runProgram(at, 'sh', 'running.md', text)).toContain('npm start serves it');
    const again = await startServer({ dataDir });
    expect(again.key).toBe(server.key);
    await stopServer(again);
  },
};

interface PageProgram {
  readonly page: string;
  readonly language: Language;
  readonly blocks: readonly Snippet[];
}

const isRun = (language: string): language is Language => LANGUAGES.some((known) => known === language);
const pages = files('.md').filter(
  (page) =>
    !page.includes('/') ||
    page.startsWith('sdk/python/') ||
    (page.startsWith('docs/') && !page.startsWith('docs/adr/')),
);
const blocks = pages.flatMap((page) =>
  snippets(page)
    .filter(({ language }) => isRun(language))
    .map((snippet, i) => ({ name: `${page}#${i}`, snippet })),
);
const examples: readonly PageProgram[] = files('.py', '.ts', '.sh')
  .filter((file) => file.startsWith('docs/examples/'))
  .map((file) => ({ page: file, language: example(file).language as Language, blocks: [example(file)] }));
const pagePrograms: readonly PageProgram[] = pages.flatMap((page) =>
  LANGUAGES.map((language) => ({
    page,
    language,
    blocks: blocks
      .filter(
        ({ name, snippet }) => snippet.page === page && snippet.language === language && !Object.hasOwn(APART, name),
      )
      .map(({ snippet }) => snippet),
  })).filter((program) => program.blocks.length > 0),
);

/** @returns the places in the page whose blocks printed something else than is said there, with both */
const differences = async (at: Place, { page, language, blocks: own }: PageProgram): Promise<readonly unknown[]> => {
  const printed = outputsOf(await runProgram(at, language, page, programOf(language, own)), own.length);
  return own.flatMap((block, i) => {
    const said = saidBy(language, block);
    const output = printed[i] ?? '';
    return said === null || fits(output, said) ? [] : [{ place: `${page}:${block.line}`, said, printed: output }];
  });
};

beforeAll(async () => {
  folder = await makeFolder();
  pythonMissing = await pythonLack();
  [server, priced, programs] = await Promise.all([
    startServer(),
    startServer({ env: { ONMEMOS_SHADOW_PROVIDER: 'gke' } }),
    makePrograms(folder),
  ]);
  const answer = await fetch(`${server.url}/v1/providers`, { headers: { 'X-API-Key': server.key } });
  const [provider] = (await answer.json()) as { isolation: string }[];
  unheld =
    provider?.isolation === 'none'
      ? 'sessions have neither a name nor a /workspace of their own without isolation'
      : null;
  if (pythonMissing === null) {
    python = installedPython();
    // Whoever waits for it is told; until then nobody does.
    python.catch(() => undefined);
  }
});

afterAll(async () => {
  await Promise.all([server, priced].map(stopServer));
  await python?.then(
    (made) => made.remove(),
    () => undefined,
  );
  await removeFolder(folder);
});

it('every example is listed on their page', async () => {
  const listed = [...(await readFile(join(ROOT, 'docs/examples/README.md'), 'utf8')).matchAll(/\]\(([a-z_]+\.\w+)\)/g)];
  expect(listed.map((match) => `docs/examples/${match[1]}`).toSorted()).toEqual(
    examples.map(({ page }) => page).toSorted(),
  );
});

it('every language of a block is known', () => {
  const all = pages.flatMap((page) => snippets(page));
  // The price file of one's own is read by the server's reader: prices.test.ts.
  const readElsewhere = (page: string, language: string): boolean => page === 'docs/running.md' && language === 'json';
  const unknown = ({ page, language }: Snippet): boolean =>
    !isRun(language) && !['', 'text'].includes(language) && !readElsewhere(page, language);
  expect(all.filter(unknown)).toEqual([]);
  expect(all.filter(({ language, said }) => !isRun(language) && said !== null)).toEqual([]);
});

describe('blocks that stand apart', () => {
  it('are there', () => {
    const names = blocks.map(({ name }) => name);
    expect(Object.keys(APART).filter((name) => !names.includes(name))).toEqual([]);
  });

  it.for(Object.entries(APART))('%s runs as printed', async ([name, work]) => {
    await work(blocks.find((block) => block.name === name)?.snippet.text ?? '');
  });
});

describe.concurrent('the blocks of a page in one language run in order, in one process, and print what the page says', () => {
  it('the quick start runs where nothing is set and nothing serves', async ({ skip }) => {
    if (unheld !== null) skip(unheld);
    if (pythonMissing !== null) skip(pythonMissing);
    const home = join(folder, 'home');
    await mkdir(home);
    const clone = await makeClone(folder);
    const port = await freePort();
    const at: Place = {
      folder: clone,
      env: envOf(home, { ONMEMOS_PORT: String(port) }),
      python: join(clone, '.venv', 'bin', 'python'),
      programs: clone,
      replace: { ':8080': `:${port}` },
    };
    try {
      for (const program of pagePrograms.filter(({ page }) => page === QUICK_START))
        expect(await differences(at, program)).toEqual([]);
    } finally {
      await endServer(join(home, '.local', 'share', 'onmemos'));
    }
  });

  it.for(pagePrograms.filter(({ page }) => page !== QUICK_START))('$page, $language', async (program, { skip }) => {
    if (unheld !== null) skip(unheld);
    if (program.language === 'python' && pythonMissing !== null) skip(pythonMissing);
    expect(await differences(await placeOf(program.page, program.language), program)).toEqual([]);
  });

  it.for(examples)('$page', async (program, { skip }) => {
    if (unheld !== null) skip(unheld);
    if (program.language === 'python' && pythonMissing !== null) skip(pythonMissing);
    expect(await differences(justCloned(await placeOf(program.page, program.language)), program)).toEqual([]);
  });
});

it('TypeScript blocks hold for a strict compiler', async () => {
  const checked = join(programs, 'checked');
  await mkdir(checked);
  for (const { page, language, blocks: own } of [...pagePrograms, ...examples])
    if (language === 'ts') await writeFile(join(checked, `${page.replaceAll(/\W/g, '-')}.ts`), programOf('ts', own));
  const strict = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
  const lib = ['--lib', 'es2024,esnext.disposable,dom,dom.asynciterable', '--rootDir', '.'];
  await writeFile(join(checked, 'tsconfig.json'), '{"include": ["*.ts"]}\n');
  const options = ['--project', 'tsconfig.json', ...strict, ...lib];
  const done = await run(NODE, [join(ROOT, 'node_modules', '.bin', 'tsc'), ...options], { cwd: checked }).catch(
    (error: { stdout?: string }) => ({ stdout: error.stdout ?? String(error) }),
  );
  expect(done.stdout).toBe('');
});
