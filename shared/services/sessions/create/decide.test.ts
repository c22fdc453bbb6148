import { describe, expect, it } from 'vitest';
import { openIdeal } from '../../../../test/simulation/world/ideal.ts';
import type { Problem } from '#contract/errors.ts';
import { iso } from '#ports/clock.ts';
import { systemCall } from '../../kernel/call.ts';
import { transact } from '../../kernel/draft.ts';
import { unknownUser } from '../../kernel/users.ts';
import {
  accounts,
  audit,
  intents,
  sessions,
  storage,
  userKey,
  users,
  workspaceKey,
  workspaces,
} from '../../model/collections.ts';
import type { AccountDoc, UserDoc, WorkspaceDoc } from '../../model/docs.ts';
import { parseCreate, type CreateInput } from './parse-create.ts';
import { decideCreate } from './decide.ts';

const START = Date.parse('2026-03-16T10:20:00.000Z');
/** dev_small on GKE is 0.5 vCPU, 1 GiB and 10 GiB of disk: for 61 minutes 22 620 834 + 5 004 542 + 717 767 nano-USD. */
const HOUR_NANO = 28_343_143;
/** 10 GB of volume to the month’s end, 373 h 40 min of 720 h at $1, rounded up. */
const VOLUME_NANO = 518_981_482;

const call = systemCall('test');

const opened = async (before: { user?: Partial<UserDoc>; account?: Partial<AccountDoc>; now?: number } = {}) => {
  const world = openIdeal(before.now ?? START);
  const { deps } = world;
  const { store } = deps;
  await store.put(users, userKey('ann'), { ...unknownUser(deps, 'ann'), ...before.user });
  if (before.account) {
    const none = { live_sessions: 0, live_namespaces: [], workspaces: 0, terminate_nano: null, months: {} };
    await store.put(accounts, userKey('ann'), { owner: 'ann', ...none, ...before.account });
  }
  let number = 0;
  const create = (input: CreateInput = {}) => {
    const asked = { user: 'ann', resource_package: 'dev_small', ttl_minutes: 60, ...input } as const;
    const id = `ses-${String(++number)}`;
    const ask = parseCreate(call, { provider: 'gke', ...asked }, deps.settings.longest_life_minutes);
    return transact(store, (draft) => decideCreate(deps, draft, call, id, asked, ask, null));
  };
  /** How a create is refused; null where it is not. */
  const attempt = (input: CreateInput = {}) =>
    create(input).then(
      () => null,
      ({ code, message: says, details }: Problem) => ({
        code,
        says,
        fields: details.errors?.map(({ field }) => field),
      }),
    );
  /** The same, where it must be: nothing is written then. */
  const refusal = async (input: CreateInput = {}) => {
    const { commits } = world.documents;
    const refused = await attempt(input);
    expect(world.documents.commits).toBe(commits);
    return refused;
  };
  const account = async () => (await store.get(accounts, userKey('ann')))?.data;
  const workspace = async () => (await store.get(workspaces, workspaceKey('ann', 'default')))?.data;
  return { world, create, attempt, refusal, account, workspace };
};

describe('a create', () => {
  it('writes the session, its intent and its event, and counts it', async () => {
    const { world, create, account, workspace } = await opened();
    const written: string[] = [];
    world.documents.observe((changes) => written.push(...changes.map(({ collection, id }) => `${collection}/${id}`)));
    const { session, intent } = await create({ labels: { team: 'blue' }, namespace: 'work' });
    expect(written.sort()).toEqual([
      `accounts/${userKey('ann')}`,
      expect.stringMatching(/^audit\/evt-/),
      'intents/ses-1:1',
      'sessions/ses-1',
      `workspaces/${workspaceKey('ann', 'default')}`,
    ]);
    expect(session).toEqual(world.documents.all(sessions)[0]);
    expect(session).toMatchObject({
      ...{ id: 'ses-1', user: 'ann', workspace_owner: 'ann', workspace_id: 'default', namespace: 'work' },
      ...{ status: 'creating', provider: 'gke', driver: 'gke', generation: 1, live: true, recent: true, end: null },
      ...{ created_at: iso(START), expires_at: iso(START + 3_600_000), live_until: iso(START + 3_600_000) },
      ...{ start_by: iso(START + 300_000), meter_due: null, metered_every_ms: 600_000, metered_until: null },
      ...{ mounts: [], reservation: {}, billed_nano: 0, segments: 0, labels: { team: 'blue' } },
      plan: { shape: 'gke', cpu_millis: 500, memory_mb: 1024, disk_mb: 10_240 },
    });
    expect(session.bill).toEqual(session.plan);
    expect(intent).toEqual({
      ...{ id: 'ses-1:1', kind: 'provision', session_id: 'ses-1', generation: 1, attempt: 1, last_error: null },
      ...{ created_at: iso(START), next_at: iso(START + 60_000) },
    });
    expect(world.documents.all(intents)).toEqual([intent]);
    expect(await account()).toEqual({
      ...{ owner: 'ann', live_sessions: 1, workspaces: 0, terminate_nano: null, months: {} },
      live_namespaces: [{ user: 'ann', namespace: 'work', sessions: 1 }],
      budget: { limit_nano: null, action: 'refuse' },
    });
    expect(await workspace()).toMatchObject({ is_default: true, live_sessions: 1, volumes: 0, status: 'active' });
    expect(world.documents.all(audit)).toMatchObject([
      { action: 'system', session_id: 'ses-1', workspace_owner: 'ann', detail: { provider: 'gke' } },
    ]);
  });

  it('counts one user’s sessions in another’s workspace for its owner, by user and namespace', async () => {
    const { world, create, account, workspace } = await opened();
    await create();
    await create({ user: 'bob', workspace_owner: 'ann' });
    await create({ user: 'bob', workspace_owner: 'ann' });
    expect(await account()).toMatchObject({
      live_sessions: 3,
      live_namespaces: [
        { user: 'ann', namespace: 'default', sessions: 1 },
        { user: 'bob', namespace: 'default', sessions: 2 },
      ],
    });
    expect(await workspace()).toMatchObject({ live_sessions: 3 });
    expect(world.documents.all(accounts)).toHaveLength(1);
    expect(world.documents.all(users).map(({ user_id }) => user_id)).toEqual(['ann', 'bob']);
  });

  it('makes its volume and bucket, held by the session and counted in the workspace', async () => {
    const { world, create, workspace } = await opened();
    const { session } = await create({ request_persistent_storage: true, request_bucket: true, bucket_size_gb: 7 });
    const [volume, bucket] = world.documents.all(storage);
    expect(volume).toMatchObject({ kind: 'volume', provider: 'pvc', access: 'one_node', size_gb: 10, reservation: {} });
    expect(bucket).toMatchObject({ kind: 'bucket', provider: 'gcs', access: 'many', size_gb: 7, held_by: ['ses-1'] });
    expect(volume?.held_by).toEqual(['ses-1']);
    expect(await workspace()).toMatchObject({ volumes: 1, buckets: 1, storage_gb: 17, live_sessions: 1 });
    expect(session).toMatchObject({
      mounts: [volume?.id, bucket?.id],
      storage_status: 'pending',
      spec: {
        volume: { provider: 'pvc', key: volume?.key, size_mb: 10_240 },
        buckets: [{ provider: 'gcs', key: bucket?.key, size_mb: 7_168, name: 'default' }],
      },
    });
  });
});

describe('what is refused, and why', () => {
  const other = [{ user: 'ann', namespace: 'work', sessions: 1 }];
  it.each([
    {
      what: 'one session more than the user type has',
      before: { user: { user_type: 'free' }, account: { live_sessions: 2 } },
      input: {},
      expected: {
        code: 'quota_exceeded',
        fields: ['user'],
        says: /^At most 2 sessions at once may be live, and 2 are/,
      },
    },
    {
      what: 'one session more than the user’s own limit',
      before: { user: { max_concurrent_sessions: 1 }, account: { live_sessions: 1 } },
      input: {},
      expected: { code: 'quota_exceeded', fields: ['user'], says: /^At most 1 session at once may be live, and 1 is/ },
    },
    {
      what: 'a second namespace without cross-namespace',
      before: { user: { user_type: 'free' }, account: { live_sessions: 1, live_namespaces: other } },
      input: { namespace: 'play' },
      expected: { code: 'entitlement_denied', fields: ['namespace'], says: /in one namespace, and that is work now/ },
    },
    {
      what: 'a package that the user type has not',
      before: { user: { user_type: 'free' } },
      input: { resource_package: 'dev_large' },
      expected: {
        code: 'entitlement_denied',
        fields: ['resource_package'],
        says: /^User type FREE may not use package/,
      },
    },
    {
      what: 'a size larger than any package of the user type',
      before: { user: { user_type: 'free' } },
      input: { resource_spec: { cpu_size: 'xlarge' } },
      expected: { code: 'entitlement_denied', fields: ['resource_spec'], says: /no package as large as 4 CPU and 1Gi/ },
    },
    {
      what: 'a GPU that the user type has not',
      before: { user: { user_type: 'pro' } },
      input: { resource_package: 'ml_a100_small' },
      expected: {
        code: 'entitlement_denied',
        fields: ['gpu_type'],
        says: /^GPU type A100 not available for user type PRO$/,
      },
    },
    {
      what: 'more storage than a workspace of the user type has',
      before: { user: { user_type: 'free' } },
      input: { request_persistent_storage: true, persistent_storage_size_gb: 51 },
      expected: { code: 'storage_exceeded', fields: ['persistent_storage_size_gb'], says: /^Workspace default cannot/ },
    },
    {
      what: 'a volume and a bucket that are too much together',
      before: { user: { user_type: 'free' } },
      input: { request_persistent_storage: true, request_bucket: true, bucket_size_gb: 41 },
      expected: { code: 'storage_exceeded', fields: ['bucket_size_gb'], says: /^Workspace default cannot allocate/ },
    },
    {
      what: 'a provider that is off',
      before: {},
      input: { provider: 'workstations' },
      expected: { code: 'invalid', fields: ['provider'], says: /^provider: workstations is off: it is not set up/ },
    },
    {
      what: 'a workspace that is not there',
      before: {},
      input: { workspace_id: 'nowhere' },
      expected: { code: 'not_found', fields: undefined, says: /^Workspace nowhere does not exist/ },
    },
  ] as const)('$what', async ({ before, input, expected }) => {
    const { refusal } = await opened(before);
    const { says, ...rest } = expected;
    expect(await refusal(input)).toEqual({ ...rest, says: expect.stringMatching(says) });
  });

  it('a second volume where the user type has one', async () => {
    const { create, refusal } = await opened({ user: { user_type: 'free' } });
    await create({ request_persistent_storage: true });
    const asked = { request_persistent_storage: true, storage_config: { volume: 'second' } };
    expect(await refusal(asked)).toMatchObject({ code: 'storage_exceeded', fields: ['request_persistent_storage'] });
  });

  it('a volume that another session mounts, where one at a time can', async () => {
    const { create, refusal } = await opened();
    await create({ request_persistent_storage: true });
    expect(await refusal({ request_persistent_storage: true })).toMatchObject({
      code: 'conflict',
      says: expect.stringMatching(/^The volume default is mounted by ses-1, and one session at a time can mount it/),
    });
  });

  it('a workspace that is being deleted, and a package that its owner may no longer use', async () => {
    const { world, create, refusal } = await opened({ user: { user_type: 'free' } });
    await create();
    const put = async (change: Partial<WorkspaceDoc>) => {
      const doc = (await world.deps.store.get(workspaces, workspaceKey('ann', 'default')))?.data as WorkspaceDoc;
      await world.deps.store.put(workspaces, workspaceKey('ann', 'default'), { ...doc, ...change });
    };
    await put({ resource_package: 'dev_large' });
    expect(await refusal({ resource_package: null })).toMatchObject({
      ...{ code: 'entitlement_denied', fields: ['resource_package'] },
      says: expect.stringMatching(/^User type FREE may no longer use the workspace’s package DEV_LARGE/),
    });
    await put({ status: 'deleting' });
    expect(await refusal()).toMatchObject({
      code: 'conflict',
      says: 'Workspace default is being deleted. Use another one, or create it again.',
    });
  });

  it('nothing because of another user’s namespace', async () => {
    const live_namespaces = [{ user: 'bob', namespace: 'work', sessions: 1 }];
    const { create, account } = await opened({ user: { user_type: 'free' }, account: { live_namespaces } });
    await create({ namespace: 'play' });
    expect(await account()).toMatchObject({
      live_namespaces: [...live_namespaces, { user: 'ann', namespace: 'play', sessions: 1 }],
    });
  });
});

describe('a budget that refuses', () => {
  const budget = (limit: number): Partial<UserDoc> => ({ monthly_budget_nano: limit, budget_action: 'refuse' });
  const month = (spent: number, reserved: number) => ({ '2026-03': { spent, reserved, storage_reserved: 0 } });

  it('reserves what the session can cost, to the nano-dollar', async () => {
    const { create, account } = await opened({ user: budget(HOUR_NANO) });
    const { session } = await create();
    expect(session.reservation).toEqual({ '2026-03': HOUR_NANO });
    expect((await account())?.months).toEqual(month(0, HOUR_NANO));
    expect(session.metered_every_ms).toBe(600_000);
  });

  it('refuses what is one nano-dollar too much', async () => {
    const { refusal } = await opened({ user: budget(HOUR_NANO - 1) });
    expect(await refusal()).toEqual({
      code: 'budget_exceeded',
      fields: undefined,
      says: 'The budget of $0.028343142 for 2026-03 is not enough: $0.00 is spent, $0.00 is reserved and this needs $0.028343143.',
    });
  });

  it.each([
    { spent: 1_000, reserved: 2_000, code: null },
    { spent: 1_001, reserved: 2_000, code: 'budget_exceeded' },
    { spent: 1_000, reserved: 2_001, code: 'budget_exceeded' },
  ])('counts what is spent and what is reserved: $spent and $reserved', async ({ spent, reserved, code }) => {
    const { attempt } = await opened({ user: budget(HOUR_NANO + 3_000), account: { months: month(spent, reserved) } });
    expect((await attempt())?.code ?? null).toBe(code);
  });

  it('says what of it a volume needs that is new', async () => {
    const volume = { request_persistent_storage: true } as const;
    const { refusal, account } = await opened({ user: budget(VOLUME_NANO) });
    expect(await refusal(volume)).toMatchObject({
      code: 'budget_exceeded',
      says: expect.stringMatching(
        /: \$0\.00 is spent, \$0\.00 is reserved and the session needs \$0\.03 and its new storage \$\d+\.\d\d until the month ends\.$/,
      ),
    });
    expect((await account())?.months ?? {}).toEqual({});
  });

  it('reserves its volume to the end of the month first', async () => {
    const volume = { request_persistent_storage: true } as const;
    const { create, account, world } = await opened({ user: budget(HOUR_NANO + VOLUME_NANO) });
    await create(volume);
    const reserved = HOUR_NANO + VOLUME_NANO;
    expect((await account())?.months).toEqual({ '2026-03': { spent: 0, reserved, storage_reserved: VOLUME_NANO } });
    expect(world.documents.all(storage)).toMatchObject([{ reservation: { '2026-03': VOLUME_NANO } }]);
    const { refusal } = await opened({ user: budget(HOUR_NANO + VOLUME_NANO - 1) });
    expect(await refusal(volume)).toMatchObject({ code: 'budget_exceeded' });
  });

  it('asks both months where a session outlives the first', async () => {
    const now = Date.parse('2026-03-31T23:30:00.000Z');
    // 31 minutes in each: one more before the start, and one past the end.
    const half = 11_495_834 + 2_543_292 + 364_767;
    const { create } = await opened({ now, user: budget(half) });
    expect((await create()).session.reservation).toEqual({ '2026-03': half, '2026-04': half });
    const months = { '2026-04': { spent: 0, reserved: 1, storage_reserved: 0 } };
    const { refusal } = await opened({ now, user: budget(half), account: { months } });
    expect(await refusal()).toMatchObject({
      says: expect.stringMatching(/^The budget of \$0\.014403893 for 2026-04 is not/),
    });
  });
});

describe('a budget that terminates', () => {
  const user = { monthly_budget_nano: 10_000_000, budget_action: 'terminate' } as const;
  const spent = (nano: number) => ({ months: { '2026-03': { spent: nano, reserved: 0, storage_reserved: 0 } } });

  it('reserves nothing, and has the session looked at more often', async () => {
    const { create, account } = await opened({ user, account: spent(9_999_999) });
    const { session } = await create();
    expect(session).toMatchObject({ reservation: {}, metered_every_ms: 60_000 });
    expect(await account()).toMatchObject({ terminate_nano: 10_000_000, ...spent(9_999_999) });
  });

  it('refuses once it is used up', async () => {
    const { refusal } = await opened({ user, account: spent(10_000_000) });
    expect(await refusal()).toMatchObject({
      code: 'budget_exceeded',
      says: 'The budget of $0.01 for 2026-03 is used up: $0.01 is spent.',
    });
  });
});
