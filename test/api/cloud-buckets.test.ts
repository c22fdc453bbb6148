import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Storage } from '@google-cloud/storage';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { directoryStorage } from '#drivers/storage/directory.ts';
import { bucketNames } from '#drivers/storage/gcs/names.ts';
import { gcsStorage } from '#drivers/storage/gcs/open.ts';
import { systemCall } from '#services/kernel/call.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { intents, sessions, storage } from '#services/model/collections.ts';
import { createSession } from '#services/sessions/create/create.ts';
import { endSession } from '#services/sessions/end.ts';
import { deleteStorage } from '#services/storage/delete.ts';
import { getStorage } from '#services/storage/get.ts';
import { removeOrphanStorage } from '#services/sweeps/orphan-storage.ts';
import { computesOf, storagesOf } from '#wiring/providers.ts';
import { openIdeal } from '../simulation/world/ideal.ts';
import { type FakeGcs, startFakeGcs } from '../support/fake-gcs.ts';
import { fakeGcsProgram } from '../support/fake-gcs/program.ts';
import type { Asked } from '../support/fake-gcs/asked.ts';

process.env['METADATA_SERVER_DETECTION'] = 'none';

const program = await fakeGcsProgram();
const missing = 'missing' in program ? `: ${program.missing}` : '';
const found = 'program' in program ? await startFakeGcs(program.program) : null;
afterAll(() => found?.stop());
/** Not called where the tests are skipped. */
const gcs = found as FakeGcs;

const call = systemCall('test');
const AT = { user_id: 'ann', workspace_id: 'default', name: 'default' } as const;
const isCreate = ({ method, path }: Asked): boolean => method === 'POST' && path === '/b';

/** A deployment whose volumes are folders of the machine, and whose buckets are in Cloud Storage. */
describe.skipIf(found === null)(`volumes of one kind and buckets of another${missing}`, () => {
  let folder: string;
  let runs = 0;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'onmemos-buckets-'));
    runs += 1;
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const opened = () => {
    const heard: string[] = [];
    const world = openIdeal(Date.parse('2026-03-16T10:20:00.000Z'), {}, heard);
    const { clock, ids, log, computes } = world.deps;
    const deployment = `api-${runs}`;
    const [ideal] = computes.all;
    if (!ideal) throw new Error('there is no driver');
    const compute = { ...ideal, capabilities: { ...ideal.capabilities, volume_kind: 'local' } };
    const volumes = directoryStorage({ root: folder, kind: 'volume', log });
    const options = { project: 'project-1', deployment, location: 'us-central1', clock, ids };
    // The world's timers never ring: no call here is given up.
    const buckets = gcsStorage({ ...options, apiEndpoint: gcs.relay.url });
    const deps: Deps = {
      ...world.deps,
      computes: computesOf([{ compute, names: ['gke'] }]),
      storages: storagesOf([volumes, buckets]),
    };
    const client = new Storage({ projectId: 'project-1', apiEndpoint: gcs.url });
    const there = async (): Promise<readonly string[]> => {
      const [all] = await client.getBuckets({ prefix: bucketNames('project-1', deployment).prefix });
      return all.map(({ name }) => name);
    };
    const create = () =>
      createSession(deps, call, {
        ...{ user: 'ann', provider: 'gke', request_persistent_storage: true, persistent_storage_size_gb: 1 },
        ...{ request_bucket: true, bucket_size_gb: 1 },
      });
    /** Runs tasks, also those that come later, for so long. */
    const work = async (ms: number): Promise<void> => {
      for (let passed = 0; passed <= ms; passed += 1_000) {
        await world.work(deps);
        world.pass(1_000);
      }
    };
    const session = async (id: string) => (await deps.store.get(sessions, id))?.data;
    return { deps, heard, client, there, create, work, session, deployment };
  };

  it('are each made, measured and removed by the driver of their kind', async () => {
    const { deps, there, create, work, session, client } = opened();
    const { id } = await create();
    await work(0);
    expect(await session(id)).toMatchObject({ status: 'running', storage_status: 'ready' });
    const records = (await deps.store.query(storage, { limit: 10 })).docs.map(({ data }) => data);
    expect(records.map(({ kind, provider }) => `${kind} ${provider}`).sort()).toEqual(['bucket gcs', 'volume local']);
    const [bucket = ''] = await there();
    expect(await readdir(folder)).toEqual(records.filter(({ kind }) => kind === 'volume').map(({ key }) => key));

    await client
      .bucket(bucket)
      .file('data')
      .save(Buffer.alloc(4 * 1024 * 1024), { resumable: false });
    const shown = await getStorage(deps, call, { ...AT, kind: 'bucket' });
    expect(shown).toMatchObject({ provider: 'gcs', size_limit: 'watched', mounted_by: [id] });
    expect(shown.used_gb).toBe(0.004);
    expect(await getStorage(deps, call, { ...AT, kind: 'volume' })).toMatchObject({ provider: 'local' });

    await endSession(deps, call, { id, force: true, wait: 0 });
    await work(0);
    expect(await deleteStorage(deps, call, { ...AT, kind: 'bucket' })).toEqual({ deleted: true });
    expect(await there()).toEqual([]);
    expect(await readdir(folder)).toHaveLength(1);
    expect(await deleteStorage(deps, call, { ...AT, kind: 'volume' })).toEqual({ deleted: true });
    expect(await readdir(folder)).toEqual([]);
  });

  it('start a session late, and never fail it, while too many buckets are made', async () => {
    const { deps, there, create, work, session } = opened();
    const end = gcs.relay.fault(isCreate, { kind: 'refuse', status: 429, reason: 'rateLimitExceeded' }, 7);
    const { id } = await create();
    await work(0);
    expect(await session(id)).toMatchObject({ status: 'creating' });
    const [open] = (await deps.store.query(intents, { limit: 10 })).docs;
    expect(open?.data.last_error).toContain('429');
    await work(60_000);
    end();
    expect(await session(id)).toMatchObject({ status: 'running' });
    expect(await there()).toHaveLength(1);
  });

  it('end a session that a policy forbids, with what to do', async () => {
    const { there, create, work, session } = opened();
    const message = "'us-central1' violates constraint 'constraints/gcp.resourceLocations'";
    const end = gcs.relay.fault(isCreate, { kind: 'refuse', status: 412, reason: 'conditionNotMet', message });
    const { id } = await create();
    await work(0);
    end();
    const ended = await session(id);
    expect(ended).toMatchObject({ status: 'failed', status_reason: 'provider_refused' });
    expect(ended?.status_message).toContain(message);
    expect(ended?.status_message).toMatch(/Choose a location that the project project-1 may use/);
    expect(await there()).toEqual([]);
  });

  it('are removed if they are on no record and empty, and left if they hold something', async () => {
    const { deps, there, client, deployment, heard } = opened();
    const names = bucketNames('project-1', deployment);
    const buckets = deps.storages.of('gcs', 'bucket');
    for (const key of ['empty', 'full']) await buckets.ensure({ key, owner: 'ann', workspace_id: 'w' }, 1);
    await client.bucket(names.nameOf('full')).file('data').save('kept', { resumable: false });
    await removeOrphanStorage(deps);
    expect(await there()).toEqual([names.nameOf('full')]);
    expect(heard.every((text) => text.includes('may hold data'))).toBe(true);
  });
});
