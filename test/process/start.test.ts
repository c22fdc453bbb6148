import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ok } from '../acceptance/support/api.ts';
import { stopServer } from '../acceptance/support/server.ts';
import type { Session } from '../acceptance/support/shapes.ts';
import { until } from '../acceptance/support/until.ts';
import { AS_NOBODY } from '../support/ordinary-user.ts';
import { ground } from './support/launched.ts';

const run = promisify(execFile);
const { folder, start, refuse } = ground();
const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);
/** One sentence or a few for a person: no stack, no path of our source. */
const expectSentence = (printed: string, wanted: RegExp): void => {
  expect(printed).toMatch(wanted);
  expect(printed).not.toMatch(/^\s+at .*\.ts:\d+/m);
  expect(printed.trim().split('\n').length).toBeLessThan(8);
};

describe('the first start', () => {
  it('makes its folder and key for its user alone, checks the machine, and what it prints works as it stands', async () => {
    const dataDir = join(await folder(), 'not', 'there "yet" $HOME it’s');
    const server = await start({ dataDir, args: [] });
    expect(await modeOf(dataDir)).toBe('700');
    for (const name of await readdir(dataDir)) {
      expect([name, await modeOf(join(dataDir, name))]).toEqual([name, expect.stringMatching(/^[67]00$/)]);
    }
    expect(await modeOf(join(dataDir, 'admin.key'))).toBe('600');
    const printed = server.printed();
    expect(printed).toContain(join(dataDir, 'admin.key'));
    expect(printed).not.toContain(server.key);
    expect(printed).toMatch(/check\s+create a session\s+[\d.]+ ms\s+running/);
    const lines = printed.split('\n').map((line) => line.trim());
    const pasted = ['export ', 'curl '].map((word) => lines.find((line) => line.startsWith(word)) ?? 'false');
    const { stdout } = await run('sh', ['-ec', pasted.join('\n')]);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'running', user: 'me' });
    const page = /(http:\S+\/docs)/.exec(printed)?.[1] ?? '';
    expect((await fetch(page)).status).toBe(200);
    const sessions = ok(await server.api.get<Session[]>('/v1/sessions'));
    expect(sessions.filter(({ status }) => status === 'running')).toHaveLength(1);
  });

  it('describes itself before anything is logged, and does not log its own check', async () => {
    const server = await start({ dataDir: await folder(), args: [], env: { ONMEMOS_LOG_LEVEL: 'info' } });
    expect(server.printed()).toMatch(/^OnMemOS \S+ is starting\n/);
    const session = ok(await server.api.post<Session>('/v1/sessions?wait=60', { user: 'me' }));
    await until('its request is logged', async () => server.printed().includes('"operation":"sessions.create"'));
    const lines = server.printed().split('\n');
    const logged = lines.filter((line) => line.startsWith('{'));
    expect(lines.indexOf(logged[0] ?? '')).toBeGreaterThan(lines.findIndex((line) => line.includes('serves at')));
    expect(logged.filter((line) => line.includes('"operation":"sessions.create"'))).toHaveLength(1);
    expect(logged.filter((line) => line.includes('"task"') && !line.includes(session.id))).toEqual([]);
  });

  it('calls itself directly where Node was told to use a proxy, which would see the key', async () => {
    const asked: string[] = [];
    const proxy = createServer((socket) => {
      socket.on('data', (data) => asked.push(data.toString())).on('error', () => {});
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const url = `http://127.0.0.1:${(proxy.address() as { port: number }).port}`;
    const env = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: 'example.test', no_proxy: '' };
    const server = await start({ dataDir: await folder(), args: [], env });
    proxy.close();
    expect(server.printed()).toMatch(/check\s+delete it/);
    expect(asked).toEqual([]);
  });

  it('is followed by others with the same key, which check the machine again', async () => {
    const dataDir = await folder();
    const first = await start({ dataDir, args: [] });
    first.child.kill('SIGTERM');
    expect(await first.ended).toEqual({ code: 0, signal: null });
    const second = await start({ dataDir, args: [] });
    expect(second.key).toBe(first.key);
    ok(await second.api.get('/'));
    expect(second.printed()).toMatch(/check\s+delete it\s+[\d.]+ ms\s+terminated/);
    expect(second.printed()).not.toContain('(made now)');
  });

  it('puts right the mode of a key that others could read, and makes a lost one anew', async () => {
    const dataDir = await folder();
    const first = await start({ dataDir });
    const path = join(dataDir, 'admin.key');
    await chmod(path, 0o644);
    first.child.kill('SIGTERM');
    await first.ended;
    const second = await start({ dataDir });
    expect(await modeOf(path)).toBe('600');
    second.child.kill('SIGTERM');
    await second.ended;
    await writeFile(path, 'nonsense\n');
    const third = await start({ dataDir });
    expect(third.key).not.toBe(first.key);
    ok(await third.api.get('/'));
    ok(await third.api.as(first.key).get('/'));
  });
});

describe('a start that can not be', () => {
  it('says so where another server has the folder', async () => {
    const dataDir = await folder();
    const first = await start({ dataDir });
    const second = await refuse({ dataDir });
    expect(second.code).toBe(1);
    expectSentence(
      second.printed,
      /Another OnMemOS server has the data folder .*: it serves at http:\S+ \(process \d+\)\. .*ONMEMOS_DATA_DIR/s,
    );
    expect(second.printed).toContain(dataDir);
    ok(await first.api.get('/ready'));
  });

  it('says so where the port is taken, and leaves nothing running', async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port));
    });
    const dataDir = await folder();
    const refused = await refuse({ dataDir, env: { ONMEMOS_PORT: String(port) } });
    taken.close();
    expect(refused.code).toBe(1);
    expectSentence(refused.printed, new RegExp(`Port ${port} .*taken.*ONMEMOS_PORT`));
    expect(await readdir(dataDir)).toEqual([]);
    const server = await start({ dataDir });
    ok(await server.api.get('/ready'));
    await stopServer(server);
  });

  it('says so where the folder can not be written', async ({ skip }) => {
    if (AS_NOBODY.length === 0) skip('only root can become another user: this test needs root');
    const closed = await folder();
    await chmod(closed, 0o755);
    const refused = await refuse({ dataDir: join(closed, 'data'), before: AS_NOBODY, env: { HOME: '/nonexistent' } });
    expect(refused.code).toBe(1);
    expectSentence(refused.printed, /can’t be written.*ONMEMOS_DATA_DIR/);
  });

  it('says so where the folder is a file', async () => {
    const file = join(await folder(), 'file');
    await writeFile(file, 'x');
    const refused = await refuse({ dataDir: file });
    expect(refused.code).toBe(1);
    expectSentence(refused.printed, /can’t be written.*ONMEMOS_DATA_DIR/);
  });

  it('asks about a setting whose name is misspelt, and starts', async () => {
    const server = await start({ dataDir: await folder(), env: { ONMEMOS_POOLSIZE: '1' } });
    expect(server.printed()).toContain('ONMEMOS_POOLSIZE is not a setting. Did you mean ONMEMOS_POOL_SIZE?');
  });

  it('names each setting that does not hold', async () => {
    const env = { ONMEMOS_PORT: '99999', ONMEMOS_ISOLATION: 'perhaps', ONMEMOS_METER_PERIOD_SECONDS: 'x' };
    const refused = await refuse({ dataDir: await folder(), env });
    expect(refused.code).toBe(1);
    for (const name of Object.keys(env)) expectSentence(refused.printed, new RegExp(name));
    expect(refused.printed).toContain('--help');
  });

  it('names an option that there is not, and helps', async () => {
    const refused = await refuse({ dataDir: await folder(), args: ['--no-chekc'] });
    expect(refused.code).toBe(1);
    expectSentence(refused.printed, /--no-chekc/);
    const help = await refuse({ dataDir: await folder(), args: ['--help'] });
    expect(help.code).toBe(0);
    for (const name of ['ONMEMOS_PORT', 'ONMEMOS_DATA_DIR', '--no-check', '--embedded', '75 '])
      expect(help.printed).toContain(name);
  });

  it('leaves a store of a newer version, which it can’t read, as it is', async () => {
    const dataDir = await folder();
    const first = await start({ dataDir });
    first.child.kill('SIGTERM');
    await first.ended;
    const path = join(dataDir, 'store.db');
    const database = new DatabaseSync(path);
    database.exec("PRAGMA user_version = 999; UPDATE meta SET value = 999 WHERE key = 'readable_from'");
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    database.close();
    const before = await readFile(path);
    const refused = await refuse({ dataDir });
    expect(refused.code).toBe(1);
    expectSentence(refused.printed, /newer version/);
    expect((await readFile(path)).equals(before)).toBe(true);
  });

  it('leaves a database of another program as it is', async () => {
    const dataDir = join(await folder(), 'other');
    await mkdir(dataDir);
    const path = join(dataDir, 'store.db');
    const database = new DatabaseSync(path);
    database.exec('CREATE TABLE mine (x); INSERT INTO mine VALUES (1)');
    database.close();
    const before = await readFile(path);
    const refused = await refuse({ dataDir });
    expect(refused.code).toBe(1);
    expect(refused.printed).toMatch(/another program/);
    expect((await readFile(path)).equals(before)).toBe(true);
  });
});
