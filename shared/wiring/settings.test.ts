import { describe, expect, it } from 'vitest';
import { BadSettings, readSettings, SETTINGS, misspeltSettings } from './settings.ts';

describe('readSettings', () => {
  it.each(['abc', ' ', ' 80', '0x50', '1e3', '-1', '65536', '80.5'])('refuses the port %j by name', (port) => {
    expect(() => readSettings({ ONMEMOS_PORT: port })).toThrow(BadSettings);
    expect(() => readSettings({ ONMEMOS_PORT: port })).toThrow(/^ONMEMOS_PORT: /);
  });

  it('reads decimal numbers, and treats an empty value as unset', () => {
    const read = readSettings({
      ONMEMOS_PORT: '9000',
      ONMEMOS_RETENTION_DAYS: '0.5',
      ONMEMOS_RATE_LIMIT_PER_SECOND: '2.5',
      ONMEMOS_POOL_SIZE: '',
    });
    expect(read).toMatchObject({
      ONMEMOS_PORT: 9000,
      ONMEMOS_RETENTION_DAYS: 0.5,
      ONMEMOS_RATE_LIMIT_PER_SECOND: 2.5,
      ONMEMOS_POOL_SIZE: 2,
    });
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

it('asks about a name that is nearly a setting, and ignores other names', () => {
  const env = {
    ONMEMOS_POOLSIZE: '4',
    ONMEMOS_ISOLATON: 'full',
    ONMEMOS_API_KEY: 'k',
    ONMEMOS_PORT: '80',
    PATH: '/bin',
  };
  expect(misspeltSettings(env)).toEqual([
    'ONMEMOS_POOLSIZE is not a setting. Did you mean ONMEMOS_POOL_SIZE?',
    'ONMEMOS_ISOLATON is not a setting. Did you mean ONMEMOS_ISOLATION?',
  ]);
});
