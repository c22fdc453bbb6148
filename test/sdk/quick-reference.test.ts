import { createHash } from 'node:crypto';
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, startServer, stopServer } from '../acceptance/support/server.ts';
import { AS_NOBODY, NOBODY } from '../support/ordinary-user.ts';
import { startStandIns } from './quick-reference/stand-ins.ts';
import { installedPython, type Python, pythonLack, runPython } from './support/python.ts';

const HERE = join(import.meta.dirname, 'quick-reference');
const COMPAT = join(import.meta.dirname, '..', '..', 'sdk', 'python', 'compat');
const WHY_ROOT =
  'only root can become another user: run the tests as root for this; the reference itself ran as this user';

let python: Python;
let lack: string | null;

beforeAll(async () => {
  lack = await pythonLack();
  if (lack === null) python = await installedPython();
});
afterAll(() => python?.remove());

const level = async (server: RunningServer): Promise<unknown> => {
  const headers = { 'X-API-Key': server.key, 'Content-Type': 'application/json' };
  const made = await fetch(`${server.url}/v1/sessions?wait=60`, { method: 'POST', headers, body: '{"user":"level"}' });
  const { id, details } = (await made.json()) as { id: string; details: { isolation: string } };
  await fetch(`${server.url}/v1/sessions/${id}`, { method: 'DELETE', headers });
  return details.isolation;
};

const runReference = async (server: RunningServer): Promise<string[]> => {
  const standIns = await startStandIns(server, python.program);
  try {
    const printed = await runPython(python.program, [join(HERE, 'harness', 'main.py')], {
      QUICK_REFERENCE_URL: standIns.url,
      QUICK_REFERENCE_KEY: server.key,
      QUICK_REFERENCE_JOURNAL: standIns.journal,
      ONMEMOS_DATA_DIR: standIns.dataDir,
    });
    return printed.trimEnd().split('\n');
  } finally {
    await standIns.stop();
  }
};

/** Its checksum: the reference is kept word for word, and every change to a snippet stands in changes.json. */
const SEED = '912cd28a01a1b63f5b48dbe1fdf97a0e22d8f24e0bd72e554956e7c8266a2d29';

const blocks = async (opening: RegExp): Promise<number> =>
  ((await readFile(join(HERE, 'seed.md'), 'utf8')).match(opening) ?? []).length;

const expectAll = async (printed: readonly string[]): Promise<void> => {
  const snippets = await blocks(/^```python$/gm);
  const fences = await blocks(/^```/gm);
  expect(JSON.parse(printed.at(-1) ?? '')).toEqual({ snippets, sentences: fences / 2 - snippets });
  expect(printed.filter((line) => /^snippet \d+ \(line \d+\) ran$/.test(line))).toHaveLength(snippets);
};

it('the quick reference is the one that users have', async () => {
  const text = await readFile(join(HERE, 'seed.md'));
  expect(createHash('sha256').update(text).digest('hex')).toBe(SEED);
});

describe('in an environment with both packages', () => {
  const pytest = async (folder: string): Promise<string> => {
    await runPython(python.program, ['-m', 'pip', 'install', '-q', 'pytest==8.4.2'], {});
    return runPython(python.program, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider'], {}, folder);
  };

  it.for([
    { what: 'old imports give the objects of the package onmemos', folder: COMPAT },
    { what: 'the harness takes declared changes alone', folder: join(HERE, 'harness') },
  ])('$what', async ({ folder }, { skip }) => {
    if (lack !== null) skip(lack);
    expect(await pytest(folder)).toMatch(/\d+ passed/);
  });
});

describe('every snippet of the quick reference runs', () => {
  it('against a server of this user', async ({ skip }) => {
    if (lack !== null) skip(lack);
    const server = await startServer({ env: { ONMEMOS_NETWORK: 'host' } });
    try {
      if ((await level(server)) === 'none') skip('sessions have no /workspace of their own without isolation');
      await expectAll(await runReference(server));
    } finally {
      await stopServer(server);
    }
  });

  it('against a server of an ordinary user', async ({ skip }) => {
    if (lack !== null) skip(lack);
    if (AS_NOBODY.length === 0) skip(WHY_ROOT);
    const home = await mkdtemp(join(tmpdir(), 'onmemos-home-'));
    await chown(home, NOBODY, NOBODY);
    const env = { ONMEMOS_NETWORK: 'host', HOME: home, USER: 'nobody', LOGNAME: 'nobody' };
    const server = await startServer({ dataDir: join(home, 'data'), before: AS_NOBODY, env });
    try {
      if ((await level(server)) === 'none') skip('sessions have no /workspace of their own without isolation');
      await expectAll(await runReference(server));
    } finally {
      await stopServer(server);
      await rm(home, { recursive: true, force: true });
    }
  });
});
