import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { cleanEnv, personEnv } from '../acceptance/support/server.ts';
import { fetched, nodeOf, npmOf, UNREACHABLE } from '../support/runtimes.ts';
import { freshClone } from './support/clone.ts';
import { installs, startsAndStops, tests } from './support/journey.ts';
import { ownProxy } from './support/own-proxy.ts';
import { personWith, type } from './support/person.ts';

const run = promisify(execFile);

it('a test’s person keeps what this machine needs to reach a registry, and nothing of ours', () => {
  const network = { NODE_EXTRA_CA_CERTS: '/somewhere/ca.crt', npm_config_https_proxy: 'http://127.0.0.1:1' };
  const ours = { NODE_OPTIONS: '--no-warnings', npm_config_loglevel: 'silent', ONMEMOS_API_KEY: 'omk_x' };
  const env = { HOME: '/home/ada', ...network, ...ours };
  expect(cleanEnv(env)).toEqual({ HOME: '/home/ada', npm_config_loglevel: 'silent', ...network });
  expect(personEnv(env)).toEqual({ HOME: '/home/ada', PATH: expect.any(String), ...network });
});

it('installs, starts and tests behind a proxy with a certificate of its own', async ({ skip }) => {
  const [node, npm] = [await fetched(nodeOf('20')), await fetched(npmOf('10.8.2'))];
  if (node === null || npm === null) return skip(UNREACHABLE);
  const registry = new URL((await run('npm', ['config', 'get', 'registry'])).stdout.trim());
  if (registry.protocol !== 'https:') skip('this machine’s registry is not encrypted: a proxy of its own is no matter');
  const folder = await mkdtemp(join(tmpdir(), 'onmemos-proxy-'));
  const proxy = await ownProxy(registry.hostname, folder);
  try {
    // An authority that this machine has told npm of would be the only one that npm knows.
    const network = {
      npm_config_https_proxy: proxy.url,
      npm_config_cache: join(folder, 'cache'),
      npm_config_cafile: '',
    };
    const person = await personWith(folder, { node, npm }, { env: { ...network, NODE_EXTRA_CA_CERTS: '' } });
    await freshClone(person.clone);
    const refused = await type(person, 'npm', 'view', 'zod', 'version', '--fetch-retries=0').ended;
    expect([refused.code, refused.printed]).toEqual([1, expect.stringMatching(/SELF_SIGNED_CERT|LEAF_SIGNATURE/)]);
    const trusting = { ...person, env: { ...person.env, NODE_EXTRA_CA_CERTS: proxy.authority } };
    await installs(trusting);
    expect(proxy.requests()).toBeGreaterThan(50);
    await startsAndStops(trusting);
    await tests(trusting);
  } finally {
    await proxy.close();
    await rm(folder, { recursive: true, force: true });
  }
});
