import { afterAll, beforeAll, expect, it } from 'vitest';
import { bootstrapAdminKey } from '#services/keys/bootstrap.ts';
import { allRoutes } from '../../../functions/api/routes/all.ts';
import { type Client, clientOf } from '../support/client.ts';
import { openPlatform, type Platform } from '../support/platform.ts';
import { apiOver } from '../support/world.ts';
import { createTable } from './sessions.ts';
import { optionalFields, pairProblemsOf, problemsOf, type Table } from './walk.ts';

/** Sessions are asked for and never made: what is asked of them is in the answer. */
let platform: Platform;
let call: Client;
let table: Table;
beforeAll(async () => {
  platform = await openPlatform(undefined, 'idle');
  call = clientOf(apiOver(platform), await bootstrapAdminKey(platform.deps, 'admin', async () => {}));
  for (const user of ['holder', 'walker']) {
    await call(`/v1/users/${user}`, { method: 'PUT', body: { max_concurrent_sessions: 1000 } });
  }
  const lab = { user_id: 'holder', workspace_id: 'lab', name: 'Lab', resource_package: 'dev_micro' };
  expect((await call('/v1/workspaces', { body: lab })).status).toBe(200);
  table = createTable(call);
});
afterAll(() => platform?.close());

it('has an entry for each optional field of a create, and no other', () => {
  const route = allRoutes().find(({ operation }) => operation === 'sessions.create');
  const optional = route ? optionalFields(route).filter((path) => !path.startsWith('query.')) : [];
  expect(Object.keys(table.fields).sort()).toEqual([...optional].sort());
});

it('each field alone does what its entry says', async () => {
  expect(await problemsOf([table])).toEqual([]);
});

it('of every two fields together, each has its effect, a warning or a refusal', async () => {
  expect(await pairProblemsOf([table])).toEqual([]);
});
