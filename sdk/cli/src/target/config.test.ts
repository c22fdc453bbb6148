import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configPath, readConfig, writeConfig } from './config.ts';
import { keyHint, profileField, profileName, withProfile } from './profile.ts';

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onmemos-config-'));
  path = configPath({ XDG_CONFIG_HOME: dir }) ?? '';
});
afterEach(() => rm(dir, { recursive: true }));

describe('the config file', () => {
  it('is read as it was written, by its owner alone, and nothing else is left', async () => {
    expect(await readConfig(path)).toEqual({ profiles: {} });
    const config = { current: 'a', profiles: { a: { url: 'http://x', api_key: 'k' }, b: {} } };
    await writeConfig({ profiles: {} }, path);
    await chmod(path, 0o644);
    await writeConfig(config, path);
    expect(await readConfig(path)).toEqual(config);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(dirname(path))).toEqual(['config.json']);
    expect(await readFile(path, 'utf8')).toMatch(/\n$/);
  });

  it('is not taken at its word', async () => {
    await writeConfig({ profiles: {} }, path);
    await writeFile(path, JSON.stringify({ current: 3, profiles: { a: { url: 5, user: 'u', other: 'x' }, b: 'no' } }));
    expect(await readConfig(path)).toEqual({ profiles: { a: { user: 'u' }, b: {} } });
    await writeFile(path, '[');
    await expect(readConfig(path)).rejects.toThrow(/not valid JSON/);
  });
});

it('changes one profile and keeps the others', () => {
  const config = { current: 'a', profiles: { a: { user: 'u' }, b: { url: 'http://b' } } };
  expect(withProfile(config, 'a', { url: 'x.example/' })).toEqual({
    current: 'a',
    profiles: { a: { user: 'u', url: 'http://x.example' }, b: { url: 'http://b' } },
  });
  expect([profileName(config, undefined), profileName({ profiles: {} }, undefined), profileField('api-key')]).toEqual([
    'a',
    'default',
    'api_key',
  ]);
  expect(() => profileName(config, 'a b')).toThrow(/can’t be the name/);
  expect(() => profileField('password')).toThrow(/has no/);
});

it('shows of a key nothing but its id', () => {
  expect([keyHint(undefined), keyHint('omk_id7_secret'), keyHint('other')]).toEqual(['-', 'id7 …', '…']);
});
