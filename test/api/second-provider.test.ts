import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DirectoryStorage } from '#drivers/storage/directory.ts';
import { systemClock } from '#platform/clock.ts';
import { type Compute, ComputeTimeout } from '#ports/compute.ts';
import { bootstrapAdminKey } from '#services/keys/bootstrap.ts';
import { sessions, storage } from '#services/model/collections.ts';
import { reconcile } from '#services/sweeps/reconcile.ts';
import { computesOf, storagesOf } from '#wiring/providers.ts';
import { smallCompute, type SmallCloud } from '../fixtures/small-compute.ts';
import { openTestHost, silent, type TestHost } from '../support/sandbox/host.ts';
import { type Client, clientOf } from './support/client.ts';
import { openPlatform, type Platform } from './support/platform.ts';
import { apiOver } from './support/world.ts';

/** Volumes of the second provider: folders, under a kind of their own. */
class SmallVolumes extends DirectoryStorage {
  override readonly provider = 'small';
}

interface Session {
  readonly id: string;
  readonly status: string;
  readonly status_reason: string | null;
  readonly pod_name: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

let cloud: SmallCloud;
let host: TestHost;
let folder: string;
let platform: Platform;
let call: Client;
let asks = 0;
let silentUntil = 0;

/** The driver with its questions counted, and at times without an answer. */
const watched = (compute: Compute): Compute => ({
  ...compute,
  ensure: (...args) => {
    asks += 1;
    return compute.ensure(...args);
  },
  exec: async (target) => {
    if (Date.now() < silentUntil) throw new ComputeTimeout('no answer');
    return compute.exec(target);
  },
});

beforeAll(async () => {
  host = await openTestHost({ isolation: 'none' });
  folder = await mkdtemp(join(tmpdir(), 'onmemos-small-'));
  cloud = { host: host.host, clock: systemClock, log: silent, bodies: new Map() };
  platform = await openPlatform((deps) => {
    const [local] = deps.computes.all;
    if (!local) throw new Error('there is no local driver');
    const volumes = new SmallVolumes({ root: folder, kind: 'volume', log: silent });
    return {
      ...deps,
      computes: computesOf([
        { compute: watched(smallCompute(cloud)), names: ['gke', 'auto'] },
        { compute: local, names: ['auto', 'cloud_run'] },
      ]),
      storages: storagesOf([...deps.storages.all, volumes]),
    };
  });
  call = clientOf(apiOver(platform), await bootstrapAdminKey(platform.deps, 'admin', async () => {}));
});
afterAll(async () => {
  await platform?.close();
  await host?.[Symbol.asyncDispose]();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const create = (body: Readonly<Record<string, unknown>>, wait = 0) =>
  call(`/v1/sessions?wait=${wait}`, { body: { user: 'ann', provider: 'gke', ttl_minutes: 30, ...body } });
const get = async (id: string): Promise<Session> => (await call(`/v1/sessions/${id}`)).json as Session;

const ended = async (id: string): Promise<Session> => {
  for (let tries = 0; tries < 600; tries++) {
    const session = await get(id);
    if (session.status === 'terminated' || session.status === 'failed') return session;
    await systemClock.sleep(50);
  }
  throw new Error(`${id} does not end`);
};

describe('a second provider, wired by one line', () => {
  it('refuses a longer life than it gives, and names itself', async () => {
    const refused = await create({ ttl_minutes: 61 });
    expect(refused).toMatchObject({
      status: 422,
      json: { code: 'invalid', detail: 'ttl_minutes: small gives a session 60 minutes at most' },
    });
    const elsewhere = (await create({ ttl_minutes: 61, provider: 'auto' }, 30)).json as Session;
    expect(elsewhere).toMatchObject({ status: 'running', details: { driver: 'local' } });
    await call(`/v1/sessions/${elsewhere.id}`, { method: 'DELETE' });
  });

  it('is asked again when it says, and its own name is on record before the session runs', async () => {
    asks = 0;
    const { id } = (await create({})).json as Session;
    let starting = await get(id);
    for (let tries = 0; starting.pod_name === null && tries < 200; tries++) {
      await systemClock.sleep(20);
      starting = await get(id);
    }
    expect(starting).toMatchObject({ status: 'creating', pod_name: expect.stringMatching(/^small-/) });
    expect((await platform.deps.store.get(sessions, id))?.data.ref).toBe(starting.pod_name);

    let running = starting;
    for (let tries = 0; running.status === 'creating' && tries < 600; tries++) {
      await systemClock.sleep(50);
      running = await get(id);
    }
    expect(running).toMatchObject({ status: 'running', pod_name: starting.pod_name });
    // It runs after a twentieth of a second, and asked to be left alone for five: one look found it starting, one running.
    expect(asks).toBe(2);

    const ran = await call(`/v1/sessions/${id}/execute`, { body: { command: 'echo from the second' } });
    expect(ran.json).toMatchObject({ stdout: 'from the second\n', returncode: 0 });

    const late = await call(`/v1/sessions/${id}`, { method: 'PATCH', body: { ttl_minutes: 61 } });
    expect(late.status).toBe(409);
    expect((late.json as { detail: string }).detail).toMatch(/^gke gives such a session 60 minutes from its creation/);

    silentUntil = Date.now() + 600_000;
    const unanswered = await call(`/v1/sessions/${id}/execute`, { body: { command: 'true' } });
    expect(unanswered).toMatchObject({ status: 504, json: { code: 'timeout', retryable: true } });
    silentUntil = 0;

    await call(`/v1/sessions/${id}`, { method: 'DELETE' });
    expect(await ended(id)).toMatchObject({ status: 'terminated', status_reason: 'user_requested' });
    expect(cloud.bodies.size).toBe(0);
  });

  it('lets one session at a time mount its volume, and names the one that does', async () => {
    const volume = { request_persistent_storage: true, persistent_storage_size_gb: 1 };
    const first = (await create(volume)).json as Session;
    const second = await create(volume);
    expect(second).toMatchObject({ status: 409, json: { code: 'conflict', sessions: [first.id] } });
    expect((second.json as { detail: string }).detail).toContain(`is mounted by ${first.id}`);
    const other = await create({ ...volume, provider: 'cloud_run' });
    expect(other.status).toBe(409);
    expect((other.json as { detail: string }).detail).toBe(
      'cloud_run can’t mount the workspace’s volume of kind small. Ask for auto or gke.',
    );
    const shown = await call('/v1/workspaces/ann/default/volumes/default');
    expect(shown.json).toMatchObject({ provider: 'small', access: 'one_node', mounted_by: [first.id] });

    await call(`/v1/sessions/${first.id}`, { method: 'DELETE' });
    await ended(first.id);
    const third = await create({ ...volume, provider: 'auto' });
    expect(third).toMatchObject({ status: 200, json: { details: { driver: 'small' } } });
    await call(`/v1/sessions/${(third.json as Session).id}`, { method: 'DELETE' });
    await ended((third.json as Session).id);
    expect((await platform.deps.store.query(storage, { limit: 10 })).docs.map(({ data }) => data.held_by)).toEqual([
      [],
    ]);
  });

  it('is seen to have ended a session in the next round, though it forgets what was removed', async () => {
    const { id } = (await create({}, 30)).json as Session;
    const key = (await platform.deps.store.get(sessions, id))?.data.key ?? '';
    const body = cloud.bodies.get(key);
    if (!body) throw new Error('nothing was made');
    await body.running?.sandbox.destroy(0);
    body.ended = { at: Date.now(), reason: 'preempted' };
    expect(await reconcile(platform.deps)).toMatchObject({ orphans: 0, ended: 1 });
    expect(await ended(id)).toMatchObject({ status: 'failed', status_reason: 'preempted' });
    expect(cloud.bodies.size).toBe(0);
    expect(await reconcile(platform.deps)).toMatchObject({ orphans: 0, ended: 0 });
  });
});
