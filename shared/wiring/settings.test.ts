import { userInfo } from 'node:os';
import { MOST_POOLED } from '#platform/pool.ts';
import { describe, expect, it } from 'vitest';
import values from '../../test/vectors/values.json' with { type: 'json' };
import { BadSettings, readSettings, SETTINGS, misspeltSettings } from './settings.ts';

const VALUES = values as unknown as Record<'address' | 'origin', readonly (readonly [string, string | null])[]>;

describe('readSettings', () => {
  it('keeps data below an absolute home, never below the current folder', () => {
    const share = '.local/share/onmemos';
    expect(readSettings({ HOME: '/home/me' }).ONMEMOS_DATA_DIR).toBe(`/home/me/${share}`);
    for (const HOME of ['', 'here', './.'])
      expect(readSettings({ HOME }).ONMEMOS_DATA_DIR, HOME).toBe(`${userInfo().homedir}/${share}`);
  });

  it('takes no more sandboxes in its pool than a keeper does', () => {
    expect(readSettings({ ONMEMOS_POOL_SIZE: '64' }).ONMEMOS_POOL_SIZE).toBe(MOST_POOLED);
    expect(() => readSettings({ ONMEMOS_POOL_SIZE: '65' })).toThrow(/^ONMEMOS_POOL_SIZE: .* from 0 to 64/);
  });

  it.each(['abc', '8 0', '0x50', '1e3', '-1', '65536', '80.5'])('refuses the port %j by name', (port) => {
    expect(() => readSettings({ ONMEMOS_PORT: port })).toThrow(BadSettings);
    expect(() => readSettings({ ONMEMOS_PORT: port })).toThrow(/^ONMEMOS_PORT: /);
  });

  it('reads decimal numbers, and treats an empty value as unset', () => {
    const read = readSettings({
      ONMEMOS_PORT: '9000',
      ONMEMOS_RETENTION_DAYS: '0.5',
      ONMEMOS_RATE_LIMIT_PER_SECOND: '2.5',
      ONMEMOS_POOL_SIZE: ' ',
      ONMEMOS_ISOLATION: ' Full\r\n',
    });
    expect(read).toMatchObject({
      ONMEMOS_PORT: 9000,
      ONMEMOS_RETENTION_DAYS: 0.5,
      ONMEMOS_RATE_LIMIT_PER_SECOND: 2.5,
      ONMEMOS_POOL_SIZE: 2,
      ONMEMOS_ISOLATION: 'full',
    });
  });

  it.each(VALUES.address.filter(([given]) => given.trim() !== ''))('reads the address %j', (given, address) => {
    const read = () => readSettings({ ONMEMOS_PUBLIC_URL: given }).ONMEMOS_PUBLIC_URL;
    if (address === null) expect(read).toThrow(/^ONMEMOS_PUBLIC_URL: must be an address such as /);
    else expect(read()).toBe(address);
  });

  it.each(VALUES.origin)('reads the origin %j', (given, origin) => {
    const read = () => readSettings({ ONMEMOS_CORS_ORIGINS: `https://a.example, ${given},` }).ONMEMOS_CORS_ORIGINS;
    if (origin === null) expect(read).toThrow(/^ONMEMOS_CORS_ORIGINS: must be origins such as /);
    else expect(read()).toBe(`https://a.example,${origin}`);
  });

  it('says what each setting may be, in a sentence', () => {
    for (const { name } of SETTINGS) {
      const read = () => readSettings({ [name]: 'no such\u0007 value' });
      const free = ['ONMEMOS_HOST', 'ONMEMOS_DATA_DIR', 'ONMEMOS_REGION', 'ONMEMOS_PRICES_FILE'].includes(name);
      if (!free) expect(read, name).toThrow(new RegExp(`^${name}: must be `));
    }
  });

  it('refuses a range that is none, and one that is never opened', () => {
    expect(() => readSettings({ ONMEMOS_NETWORK_ALLOW: '10.0.0.0/8, lan' })).toThrow(
      /^ONMEMOS_NETWORK_ALLOW: must be .*: lan is not an address or a range/,
    );
    expect(() => readSettings({ ONMEMOS_WEBHOOK_ALLOW: '10.1.2.0/16' })).toThrow(
      /^ONMEMOS_WEBHOOK_ALLOW: must be .*: 10\.1\.2\.0\/16 has bits behind its prefix of 16; write 10\.1\.0\.0\/16/,
    );
    expect(() => readSettings({ ONMEMOS_NETWORK_ALLOW: '169.254.169.254' })).toThrow(
      /^ONMEMOS_NETWORK_ALLOW: must be .*: 169\.254\.169\.254 is never opened/,
    );
  });

  it('reports all problems at once', () => {
    expect(() => readSettings({ ONMEMOS_PORT: 'x', ONMEMOS_ISOLATION: 'strong' })).toThrow(
      /^ONMEMOS_PORT: .*\nONMEMOS_ISOLATION: /,
    );
  });
});

it('the help says the purpose, the values and the default of every setting', () => {
  const what = Object.fromEntries(SETTINGS.map((setting) => [setting.name, setting.what]));
  expect(SETTINGS.filter((setting) => !/[a-z]{3}/.test(setting.what))).toEqual([]);
  expect(what['ONMEMOS_PORT']).toBe('port to listen on; 0: any free one (default 8080)');
  expect(what['ONMEMOS_NETWORK']).toBe('network of the sessions (auto, host, none; default auto)');
  expect(what['ONMEMOS_STRICT_RESOURCES']).toMatch(/\(0, 1; default 0\)$/);
});

it('warns about each name that is no setting, and ignores those of clients', () => {
  const env = {
    ONMEMOS_POOLSIZE: '4',
    ONMEMOS_ISOLATON: 'full',
    ONMEMOS_API_KEY: 'k',
    ONMEMOS_QUITE_OTHER: '1',
    ONMEMOS_PORT: '80',
    PATH: '/bin',
  };
  expect(misspeltSettings(env)).toEqual([
    'ONMEMOS_POOLSIZE is not a setting. Did you mean ONMEMOS_POOL_SIZE?',
    'ONMEMOS_ISOLATON is not a setting. Did you mean ONMEMOS_ISOLATION?',
    'ONMEMOS_QUITE_OTHER is not a setting. `--help` lists them.',
  ]);
});
