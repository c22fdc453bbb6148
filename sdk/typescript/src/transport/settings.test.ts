import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settingsFrom } from './settings.ts';

const NAMES = [
  'ONMEMOS_BASE_URL',
  'ONMEMOS_API_KEY',
  'ONMEMOS_DATA_DIR',
  'ONMEMOS_USER',
  'XDG_DATA_HOME',
  'HOME',
] as const;
let folder: string;
let before: (string | undefined)[];

beforeEach(() => {
  before = NAMES.map((name) => process.env[name]);
  for (const name of NAMES) delete process.env[name];
  folder = mkdtempSync(join(tmpdir(), 'onmemos-settings-'));
  process.env['ONMEMOS_DATA_DIR'] = folder;
});

afterEach(() => {
  for (const [i, name] of NAMES.entries()) {
    delete process.env[name];
    if (before[i] !== undefined) process.env[name] = before[i];
  }
  rmSync(folder, { recursive: true });
});

const serving = (url: string, pid = process.pid): void => {
  writeFileSync(join(folder, 'server.json'), JSON.stringify({ url, pid, version: '0.1.0' }));
  writeFileSync(join(folder, 'admin.key'), 'omk_local_key\n');
};
const found = (...given: Parameters<typeof settingsFrom>) => {
  const { baseUrl, apiKey } = settingsFrom(...given);
  return { baseUrl, apiKey };
};

it('looks for the local server below an absolute home only', () => {
  process.env['ONMEMOS_DATA_DIR'] = '';
  const share = join(folder, '.local', 'share', 'onmemos');
  mkdirSync(share, { recursive: true });
  writeFileSync(join(share, 'server.json'), JSON.stringify({ url: 'http://127.0.0.1:4711', pid: process.pid }));
  process.env['HOME'] = folder;
  expect(found({}).baseUrl).toBe('http://127.0.0.1:4711');
  for (const home of ['', relative(process.cwd(), folder), '/dev/null', '/proc']) {
    process.env['HOME'] = home;
    expect(found({}).baseUrl, home).toBe('http://127.0.0.1:8080');
  }
});

describe('settingsFrom', () => {
  it('takes an argument before the environment, the environment before the local server, that before the default', () => {
    expect(found({})).toEqual({ baseUrl: 'http://127.0.0.1:8080', apiKey: null });
    serving('http://127.0.0.1:4711');
    expect(found({})).toEqual({ baseUrl: 'http://127.0.0.1:4711', apiKey: 'omk_local_key' });
    process.env['ONMEMOS_BASE_URL'] = 'https://elsewhere.example/onmemos/';
    process.env['ONMEMOS_API_KEY'] = 'omk_environment_key';
    expect(found({})).toEqual({ baseUrl: 'https://elsewhere.example/onmemos', apiKey: 'omk_environment_key' });
    const given = { baseUrl: 'http://given.example', apiKey: 'omk_given_key' };
    expect(found(given)).toEqual(given);
  });

  it('gives the admin key of this machine to the server of this machine alone', () => {
    serving('http://127.0.0.1:4711');
    expect(found({ baseUrl: 'https://elsewhere.example' }).apiKey).toBeNull();
    expect(found({ baseUrl: 'http://127.0.0.1:4712' }).apiKey).toBeNull();
    expect(found({ baseUrl: 'http://localhost:4711/' }).apiKey).toBe('omk_local_key');
  });

  it('acts as oneself on the machine’s own server alone, unless another is named', () => {
    serving('http://127.0.0.1:4711');
    expect(settingsFrom({}).user).toBe(userInfo().username);
    expect(settingsFrom({ apiKey: 'omk_other' }).user).toBeNull();
    expect(settingsFrom({ baseUrl: 'https://elsewhere.example' }).user).toBeNull();
    process.env['ONMEMOS_USER'] = 'ada';
    expect(settingsFrom({}).user).toBe('ada');
    expect(settingsFrom({ apiKey: 'omk_other' }).user).toBe('ada');
    expect(settingsFrom({ user: 'bob' }).user).toBe('bob');
  });

  it('gives it to nobody where the server was killed: its port may be another’s by now', () => {
    serving('http://127.0.0.1:4711', spawnSync('true').pid);
    expect(found({})).toEqual({ baseUrl: 'http://127.0.0.1:8080', apiKey: null });
    expect(found({ baseUrl: 'http://127.0.0.1:4711' }).apiKey).toBeNull();
  });

  it('takes a file that is being written for none', () => {
    writeFileSync(join(folder, 'server.json'), '{"url": "http://127.');
    expect(found({}).baseUrl).toBe('http://127.0.0.1:8080');
  });

  it('refuses what can’t be used, and says which option it is', () => {
    const refused = { code: 'invalid_option' };
    expect(() => settingsFrom({ baseUrl: 'onmemos.example' })).toThrow(expect.objectContaining(refused));
    expect(() => settingsFrom({ baseUrl: 'ftp://onmemos.example' })).toThrow(/^baseUrl /);
    expect(() => settingsFrom({ baseUrl: 'http://user:word@onmemos.example' })).toThrow(/^baseUrl /);
    expect(() => settingsFrom({ apiKey: 'two\nlines' })).toThrow(/^apiKey /);
    expect(() => settingsFrom({ timeoutMs: 0 })).toThrow(/^timeoutMs /);
    expect(() => settingsFrom({ maxRetries: Number.NaN })).toThrow(/^maxRetries /);
  });
});
