import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnMemOSClient } from '../../../sdk/typescript/src/index.ts';
import { until } from '../../acceptance/support/until.ts';
import { startTopology, type Topology } from '../../cloud-local/topology.ts';
import { fakeGcsProgram } from '../../support/fake-gcs/program.ts';
import { emulatorMissing } from '../../support/firestore-emulator.ts';
import { freePort } from '../../support/free-port.ts';

// Google's clients ask a link-local address otherwise.
process.env['METADATA_SERVER_DETECTION'] = 'none';

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
