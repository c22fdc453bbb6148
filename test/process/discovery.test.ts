import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ok } from '../acceptance/support/api.ts';
import { ground } from './support/launched.ts';

const { folder, start, refuse } = ground();
const noteOf = async (dataDir: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(dataDir, 'server.json'), 'utf8')) as Record<string, unknown>;

describe('server.json', () => {
  it('says where the server is, to its user alone, and is gone after an orderly end', async () => {
    const dataDir = await folder();
    const server = await start({ dataDir });
    const note = await noteOf(dataDir);
    expect(note).toEqual({ url: server.url, pid: server.child.pid, version: expect.any(String), embedded: false });
    expect((await stat(join(dataDir, 'server.json'))).mode & 0o777).toBe(0o600);
    ok(await server.api.get('/'));
    server.child.kill('SIGTERM');
    expect(await server.ended).toEqual({ code: 0, signal: null });
    await expect(noteOf(dataDir)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('of a killed server lies there until the next one writes its own', async () => {
    const dataDir = await folder();
    const first = await start({ dataDir });
    first.child.kill('SIGKILL');
    await first.ended;
    expect(await noteOf(dataDir)).toMatchObject({ pid: first.child.pid });
    await writeFile(join(dataDir, 'server.json.new'), 'half of one', { mode: 0o644 });
    const second = await start({ dataDir });
    expect(await noteOf(dataDir)).toMatchObject({ url: second.url, pid: second.child.pid });
    expect((await stat(join(dataDir, 'server.json'))).mode & 0o777).toBe(0o600);
  });

  it('stays that of the server which has the folder, when another start is refused', async () => {
    const dataDir = await folder();
    const server = await start({ dataDir });
    expect((await refuse({ dataDir })).code).toBe(1);
    expect(await noteOf(dataDir)).toMatchObject({ url: server.url, pid: server.child.pid });
  });

  it('names an address that can be connected to where the server listens on all', async () => {
    const dataDir = await folder();
    const server = await start({ dataDir, env: { ONMEMOS_HOST: '0.0.0.0' } });
    const { url } = await noteOf(dataDir);
    expect(url).toBe(`http://127.0.0.1:${new URL(server.url).port}`);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });
});
