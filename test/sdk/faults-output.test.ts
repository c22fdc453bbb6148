import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, apiOf } from '../acceptance/support/api.ts';
import type { Session } from '../acceptance/support/shapes.ts';
import { type RunningServer, startServer, stopServer } from '../acceptance/support/server.ts';
import { person, running, shell } from '../acceptance/support/world.ts';
import { type OutputReader, type ReadOutput, TYPESCRIPT_READERS } from './faults/big-output.ts';
import { cutPlan } from './faults/plan.ts';
import { startFaultProxy } from './faults/proxy.ts';
import { askPython, interpreter } from './faults/python.ts';
import { seedOfRun } from './faults/random.ts';

const BYTES = 50 * 1024 * 1024;
const CUTS = 20;
/** All cuts lie within so many bytes of what goes over the wire, which is more than the output. */
const WITHIN = 0.9 * BYTES;
const OUTPUT = /\/(output|attach)\b/;

const inPython = (way: 'sync' | 'async'): OutputReader => ({
  way: `python, ${way}`,
  read: (output) => askPython<ReadOutput>('big_output.py', { ...output, way }),
});

describe(`${BYTES / 1024 ** 2} MiB of output, cut ${CUTS} times on the way`, () => {
  let server: RunningServer;
  let admin: Api;
  let session: Session;
  let sha256: string;
  beforeAll(async () => {
    [server] = await Promise.all([startServer(), interpreter()]);
    admin = apiOf(server.url, server.key);
    const owner = await person(admin);
    session = await running(admin, { user: owner.id, resource_package: 'dev_small' });
    const command = `head -c ${BYTES} /dev/urandom > big && sha256sum < big`;
    sha256 = (await shell(admin, session, command)).slice(0, 64);
  });
  afterAll(() => stopServer(server));

  it.each([...TYPESCRIPT_READERS, inPython('sync'), inPython('async')])('comes whole: $way', async ({ way, read }) => {
    const seed = seedOfRun();
    const proxy = await startFaultProxy(server.url, cutPlan({ seed, route: OUTPUT, cuts: CUTS, within: WITHIN }));
    const began = performance.now();
    const got = await read({ baseUrl: proxy.url, apiKey: server.key, session: session.id, file: 'big' });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    await proxy.stop();
    const { faults } = proxy.tally;
    console.log(`${way}, ONMEMOS_TEST_SEED=${seed}: ${got.bytes} bytes in ${seconds} s, ${JSON.stringify(faults)}`);
    expect(got).toEqual({ bytes: BYTES, sha256 });
    expect(faults.all).toBe(CUTS);
    expect(proxy.tally.broken).toEqual([]);
  });
});
