import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { dataDirOf, keylessServer, liveServer, readServerFile } from './local.ts';
import { resolveTarget } from './resolve.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onmemos-local-'));
});
afterEach(() => rm(dir, { recursive: true }));

const say = (text: unknown): Promise<void> =>
  writeFile(join(dir, 'server.json'), typeof text === 'string' ? text : JSON.stringify(text));

it('finds the data folder as the service does', () => {
  expect(dataDirOf({ ONMEMOS_DATA_DIR: '/d', XDG_DATA_HOME: '/x' })).toBe('/d');
  expect(dataDirOf({ XDG_DATA_HOME: '/x' })).toBe('/x/onmemos');
  expect(dataDirOf({ XDG_DATA_HOME: 'x' })).toMatch(/\/\.local\/share\/onmemos$/);
  expect(dataDirOf({ ONMEMOS_DATA_DIR: 'here' })).toBe(join(process.cwd(), 'here'));
});

it('believes a note only of what lives and answers as a service of ours', async () => {
  const server = createServer((request, answer) => {
    answer.setHeader('content-type', 'application/json');
    answer.end(request.url === '/health' ? JSON.stringify({ status: 'healthy', version: '1.2.3' }) : '{}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    expect(await liveServer(dir)).toBeNull();
    await say('{"url":');
    expect(await readServerFile(dir)).toBeNull();
    await say({ url, pid: process.pid, version: '1.2.3' });
    expect(await liveServer(dir)).toBeNull();
    expect(await keylessServer(dir)).toBe(url);
    expect(await liveServer(dir, 'omk_c_d')).toEqual({ url, apiKey: 'omk_c_d' });
    const own = { XDG_CONFIG_HOME: dir, ONMEMOS_DATA_DIR: dir };
    await expect(resolveTarget({}, { start: null }, own)).rejects.toThrow(/its key can’t be read/);
    const keyed = await resolveTarget({}, { start: null }, { ...own, ONMEMOS_API_KEY: 'omk_c_d' });
    expect(keyed).toMatchObject({ url, apiKey: 'omk_c_d', local: false });
    await writeFile(join(dir, 'admin.key'), 'omk_a_b\n');
    expect(await keylessServer(dir)).toBeNull();
    expect((await liveServer(dir, 'omk_c_d'))?.apiKey).toBe('omk_a_b');
    expect(await liveServer(dir)).toEqual({ url, apiKey: 'omk_a_b' });
    // A process id is never 2 to the 30 here: nobody has it.
    await say({ url, pid: 2 ** 30, version: '1.2.3' });
    expect(await liveServer(dir)).toBeNull();
    await say({ url: `${url}/elsewhere`, pid: process.pid, version: '1.2.3' });
    expect(await liveServer(dir)).toBeNull();
  } finally {
    server.close();
  }
});
