import { afterAll, expect, it } from 'vitest';
import { checkQuery } from '#drivers/store/rules.ts';
import { iso } from '#ports/clock.ts';
import { createLanes } from '#services/kernel/lanes.ts';
import { bootstrapAdminKey } from '#services/keys/bootstrap.ts';
import { intents } from '#services/model/collections.ts';
import type { IntentDoc } from '#services/model/docs.ts';
import { intentFigures } from '#services/sweeps/intent-figures.ts';
import { DOCUMENTS } from '#wiring/documents.ts';
import { recordedQueries } from '../support/recorded-queries.ts';
import { type Client, clientOf } from './support/client.ts';
import { driveEveryVerb } from './support/every-verb.ts';
import { openPlatform, type Platform } from './support/platform.ts';
import { apiOver } from './support/world.ts';

let platform: Platform | null = null;
afterAll(() => platform?.close());

type Filters = Readonly<Record<string, readonly (string | null)[]>>;

/** Each combination of the filters of a list, as a query string; null leaves a filter out. */
const combined = (filters: Filters): readonly string[] =>
  Object.entries(filters)
    .reduce<string[][]>(
      (all, [name, values]) =>
        all.flatMap((one) => values.map((value) => (value === null ? one : [...one, `${name}=${value}`]))),
      [[]],
    )
    .map((one) => (one.length === 0 ? '' : `?${one.join('&')}`));

const SESSIONS: Filters = {
  state: [null, 'running'],
  namespace: [null, 'n'],
  label: [null, 'a', 'a%3Db'],
  user: [null, 'una'],
  workspace_owner: [null, 'una'],
  workspace_id: [null, 'ws'],
};

/** The lists of the API with all of their filters, as the administrator and as a user with a workspace. */
const readEveryList = async (admin: Client, user: Client, session: string): Promise<void> => {
  const lists = [
    ...combined(SESSIONS).map((query) => `/v1/sessions${query}`),
    ...combined({ user: [null, 'una'], action: [null, 'key.create'] }).map((query) => `/v1/audit${query}`),
    ...combined({ user: [null, 'una'], group_by: [null, 'session', 'user', 'workspace'] }).map(
      (query) => `/v1/costs${query}`,
    ),
    `/v1/audit?session_id=${session}`,
    `/v1/sessions/${session}/events`,
    `/v1/sessions/${session}/execs`,
    '/v1/keys',
    '/v1/users',
    '/v1/webhooks?user=una',
    '/v1/users/una/entitlements',
    '/v1/workspaces/una',
    '/v1/workspaces/una/ws/members',
    '/v1/workspaces/una/ws/volumes',
    '/v1/workspaces/una/ws/buckets',
  ];
  for (const list of lists)
    for (const call of [admin, user]) {
      const { status, text } = await call(list);
      // A user may not read the lists of the administrator.
      expect([200, 403], `${list}: ${text}`).toContain(status);
    }
};

it('of the collections are all used by a verb, a list or a job, and none is missing', {
  timeout: 600_000,
}, async () => {
  const used = new Set<string>();
  platform = await openPlatform((deps) => {
    const store = recordedQueries(deps.store, (collection, query) => {
      // A query without a declared index is refused here, and by every driver.
      const { index, direction } = checkQuery(collection, query);
      if (index !== null) used.add([collection.name, ...index].join(' ') + (direction === 'desc' ? ' desc' : ''));
    });
    return { ...deps, store, lanes: createLanes(store) };
  });
  const { deps } = platform;
  const admin = clientOf(apiOver(platform), await bootstrapAdminKey(deps, 'first', async () => {}));
  const made = async <T>(path: string, body: unknown): Promise<T> => {
    const { status, json, text } = await admin(path, { body });
    expect(status, text).toBe(200);
    return json as T;
  };
  await made('/v1/workspaces', { user_id: 'una', workspace_id: 'ws', name: 'ws', resource_package: 'dev_micro' });
  const { secret } = await made<{ secret: string }>('/v1/keys', { name: 'k', user_id: 'una' });
  const { id } = await made<{ id: string }>('/v1/sessions?wait=60', {
    user: 'una',
    namespace: 'n',
    workspace_id: 'ws',
    labels: { a: 'b' },
  });
  await readEveryList(admin, clientOf(apiOver(platform), secret), id);
  const done = async (path: string, method: string, body?: unknown): Promise<void> => {
    const { status, text } = await admin(path, { method, ...(body === undefined ? {} : { body }) });
    expect(status, `${method} ${path}: ${text}`).toBe(200);
  };
  // To follow a budget that refuses, all sessions and pieces of storage of its owner are read.
  for (const budget_action of ['terminate', 'refuse'])
    await done('/v1/users/una', 'PUT', { user_type: 'pro', monthly_budget_usd: 100, budget_action });
  await done(`/v1/sessions/${id}?wait=60`, 'DELETE');
  // One more than a free user may have: the refusal counts those that are deleted and kept.
  await done('/v1/users/una', 'PUT', { user_type: 'free' });
  const more = { user_id: 'una', workspace_id: 'more', name: 'more', resource_package: 'free_micro' };
  expect(await admin('/v1/workspaces', { body: more })).toMatchObject({ json: { code: 'quota_exceeded' } });
  await done('/v1/workspaces/una/ws?force=true', 'DELETE');
  await done('/v1/users/una', 'DELETE');
  const driven = await driveEveryVerb(platform, async () => undefined);
  expect(driven.verbs.filter((verb) => !driven.called.has(verb))).toEqual([]);
  // Intents that were tried often are counted where an intent is open.
  await deps.store.put(intents, 'open', { created_at: iso(deps.clock.now()) } as IntentDoc);
  await intentFigures(deps);

  const declared = DOCUMENTS.collections.flatMap(({ name, indexes }) =>
    indexes.map((index) => [name, ...index].join(' ')),
  );
  expect(declared.filter((index) => !used.has(index))).toEqual([]);
});
