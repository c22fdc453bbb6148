import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configPath, writeConfig } from './config.ts';
import values from '../../../../test/vectors/values.json' with { type: 'json' };
import { cleanUrl, configuredTarget, resolveTarget } from './resolve.ts';

let dir: string;
let env: Record<string, string>;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onmemos-target-'));
  env = { XDG_CONFIG_HOME: dir, ONMEMOS_DATA_DIR: join(dir, 'data') };
});
afterEach(() => rm(dir, { recursive: true }));

describe('the server that is meant', () => {
  const profiles = {
    default: { url: 'http://usual', api_key: 'usual-key', user: 'ada' },
    far: { url: 'https://far', api_key: 'far-key', workspace: 'lab' },
    empty: {},
  };

  it('is the first of option, profile, environment, and profile in use', async () => {
    await writeConfig({ profiles }, configPath(env));
    expect(await configuredTarget({}, env)).toMatchObject({ url: 'http://usual', apiKey: 'usual-key', user: 'ada' });
    const inEnv = { ...env, ONMEMOS_BASE_URL: 'http://env/', ONMEMOS_API_KEY: 'env-key', ONMEMOS_USER: 'grace' };
    expect(await configuredTarget({}, inEnv)).toMatchObject({ url: 'http://env', apiKey: 'env-key', user: 'grace' });
    const far = await configuredTarget({ profile: 'far' }, inEnv);
    expect(far).toMatchObject({ url: 'https://far', apiKey: 'far-key', user: 'grace', workspace: 'lab' });
    const named = await configuredTarget({ url: 'http://named' }, inEnv);
    expect(named).toMatchObject({ url: 'http://named', apiKey: 'env-key' });
  });

  it('gets a key that belongs to it, and no other one', async () => {
    await writeConfig({ profiles }, configPath(env));
    expect(await configuredTarget({ url: 'https://far/' }, env)).toMatchObject({ apiKey: 'far-key' });
    expect(await configuredTarget({ url: 'https://elsewhere' }, env)).toMatchObject({ apiKey: undefined });
    await mkdir(join(dir, 'data'));
    await writeFile(
      join(dir, 'data', 'server.json'),
      JSON.stringify({ url: 'http://127.0.0.1:9', pid: 1, version: '1' }),
    );
    await writeFile(join(dir, 'data', 'admin.key'), 'own-key\n');
    expect(await configuredTarget({ url: 'http://127.0.0.1:9' }, env)).toMatchObject({
      apiKey: 'own-key',
      local: true,
    });
    expect(await configuredTarget({ url: 'http://127.0.0.1:10' }, env)).toMatchObject({ apiKey: undefined });
    await writeFile(
      join(dir, 'data', 'server.json'),
      JSON.stringify({ url: 'http://127.0.0.1:9', pid: 2 ** 30, version: '1' }),
    );
    expect(await configuredTarget({ url: 'http://127.0.0.1:9' }, env)).toMatchObject({ apiKey: undefined });
  });

  it('gets no key of a profile that is for another one, and who is meant from the profile in use', async () => {
    await writeConfig({ profiles: { ...profiles, default: { user: 'ada' } } }, configPath(env));
    const other = await configuredTarget({ url: 'https://elsewhere', profile: 'far' }, env);
    expect(other).toMatchObject({ apiKey: undefined, workspace: 'lab' });
    expect(await configuredTarget({}, env)).toBeNull();
    const start = async () => ({ url: 'http://started', apiKey: 'own' });
    expect(await resolveTarget({}, { start }, env)).toMatchObject({ user: 'ada', local: true });
    const keyed = await resolveTarget({}, { start }, { ...env, ONMEMOS_API_KEY: 'mine' });
    expect(keyed).toMatchObject({ apiKey: 'mine', local: false });
  });

  it('is refused where it can not be', async () => {
    await writeConfig({ current: 'gone', profiles }, configPath(env));
    await expect(configuredTarget({}, env)).rejects.toThrow(/no profile "gone"/);
    await expect(configuredTarget({ profile: 'none' }, env)).rejects.toThrow(/no profile "none"/);
    await expect(configuredTarget({ profile: 'empty' }, env)).rejects.toThrow(/has no address/);
    expect(() => cleanUrl('http://user:pass@host')).toThrow(/must not contain a key/);
    expect(() => cleanUrl('ftp://host')).toThrow(/is not the address/);
  });

  it('is this machine’s where nobody named one: started where it may be, else an error that says what to do', async () => {
    const start = async (dataDir: string) => ({ url: `http://started/${dataDir.length}`, apiKey: 'own' });
    expect(await resolveTarget({}, { start }, env)).toMatchObject({ apiKey: 'own', local: true });
    await expect(resolveTarget({}, { start: null }, env)).rejects.toThrow(/none runs on this machine/);
  });
});

it.each(values.address as unknown as readonly (readonly [string, string | null])[])(
  'reads the address %j',
  (given, wanted) => {
    if (wanted === null) expect(() => cleanUrl(given)).toThrow();
    else expect(cleanUrl(given)).toBe(wanted);
  },
);
