import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnMemOSClient } from '../../../sdk/typescript/src/index.ts';
import { until } from '../../acceptance/support/until.ts';
import { startTopology, type Topology } from '../../cloud-local/topology.ts';
import { fakeGcsProgram } from '../../support/fake-gcs/program.ts';
import { emulatorMissing } from '../../support/firestore-emulator.ts';
import { freePort } from '../../support/free-port.ts';

// Google's clients ask a link-local address otherwise.
process.env['METADATA_SERVER_DETECTION'] = 'none';

/** Sessions that a user may have at once, and creates that come together. */
const LIMIT = 40;
const ASKING = 100;

const missing = await emulatorMissing();

describe.skipIf(missing !== null)(`the cloud on one machine${missing === null ? '' : `: ${missing}`}`, () => {
  let dataDir: string;
  let topology: Topology;
  let client: OnMemOSClient;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'onmemos-cloud-'));
    topology = await startTopology({
      port: await freePort(),
      dataDir,
      project: 'onmemos-test',
      buckets: 'program' in (await fakeGcsProgram()),
      settings: { ONMEMOS_LOG_LEVEL: 'info' },
    });
    client = new OnMemOSClient({ baseUrl: topology.url, apiKey: topology.key, user: 'ann' });
  });
  afterAll(async () => {
    await topology?.stop();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });

  const logOf = (name: string): Promise<string> => readFile(topology.programs.get(name)?.log ?? '', 'utf8');
  const logs = async (names: readonly string[]): Promise<string> => (await Promise.all(names.map(logOf))).join('\n');

  it('runs a session through both functions, and leaves nothing of it', async () => {
    const session = await client.sessions.create({ ttl_minutes: 5 });
    expect((await session.run('echo $((40 + 2))')).stdout).toBe('42\n');
    await client.sessions.delete(session.id);
    expect((await client.sessions.get(session.id)).status).toBe('terminated');
  });

  it('is told of each intent by the trigger too, which finds the work handed over', async () => {
    const took = /intents\/ses-\S+: the worker answered 204/;
    await until('the worker took an event', async () => took.test(await logOf('trigger')));
  });

  it('serves on while an api is killed, and with both again once it is back', async () => {
    const killed = topology.programs.get('api-1');
    await killed?.end('SIGKILL');
    const session = await client.sessions.create({ ttl_minutes: 5 });
    expect((await session.run('echo here')).stdout).toBe('here\n');
    await killed?.start();
    const answers = await Promise.all(Array.from({ length: 4 }, () => fetch(`${topology.url}/health`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    await client.sessions.delete(session.id);
  });

  it('keeps a limit to the session, however many ask both apis at once', async () => {
    const headers = { 'x-api-key': topology.key, 'content-type': 'application/json' };
    const call = async (method: string, path: string, body?: object, more = {}) => {
      const send = body === undefined ? {} : { body: JSON.stringify(body) };
      const answer = await fetch(`${topology.url}${path}`, { method, headers: { ...headers, ...more }, ...send });
      return { status: answer.status, retryAfter: answer.headers.get('retry-after'), json: await answer.json() };
    };
    await call('PUT', '/v1/users/crowd', { user_type: 'enterprise', max_concurrent_sessions: LIMIT });
    const create = async (i: number): Promise<string> => {
      const body = { user: 'crowd', ttl_minutes: 5, resource_package: 'dev_micro' };
      for (;;) {
        const made = await call('POST', '/v1/sessions', body, { 'idempotency-key': `crowd-${i}` });
        // The store may be too busy for some of them, and says when to ask again.
        if (made.status !== 503) return made.status === 200 ? 'made' : (made.json as { code: string }).code;
        await pause(Number(made.retryAfter) * 1000);
      }
    };
    const ends = await Promise.all(Array.from({ length: ASKING }, (_, i) => create(i)));
    const made = ends.filter((end) => end === 'made').length;
    expect([made, ends.filter((end) => end === 'quota_exceeded').length]).toEqual([LIMIT, ASKING - LIMIT]);
    const used = async () =>
      ((await call('GET', '/v1/users/crowd/entitlements')).json as { concurrent_sessions: { used: number } })
        .concurrent_sessions.used;
    expect(await used()).toBe(LIMIT);
    const all = (await call('GET', '/v1/sessions?user=crowd')).json as readonly { readonly id: string }[];
    expect(all).toHaveLength(LIMIT);
    await Promise.all(all.map(({ id }) => call('DELETE', `/v1/sessions/${id}`)));
    await until('all of them have ended', async () => (await used()) === 0);
  });

  it.skipIf(process.platform !== 'linux')('is found whole by the temporary folder of the run', async () => {
    const folder = process.env['TMPDIR'];
    expect(folder).toBeDefined();
    for (const { name, pid } of topology.programs.values())
      expect([name, await readFile(`/proc/${pid}/environ`, 'utf8')]).toEqual([
        name,
        expect.stringContaining(`TMPDIR=${folder}`),
      ]);
  });

  it('has no error and no warning in its logs, and every program ends when it is told to', async () => {
    const functions = ['api-2', 'worker-1', 'worker-2', 'scheduler'];
    const wrong = (await logs(functions))
      .split('\n')
      .filter((line) => /"severity":"(ERROR|WARNING|CRITICAL)"/.test(line));
    expect(wrong).toEqual([]);
    const ended = await Promise.all(functions.map((name) => topology.programs.get(name)?.end()));
    expect(ended).toEqual([0, 0, 0, 0]);
  });
});
