import { afterAll, beforeAll, expect, it } from 'vitest';
import { bootstrapAdminKey } from '#services/keys/bootstrap.ts';
import { type Client, clientOf } from '../support/client.ts';
import { openPlatform, type Platform } from '../support/platform.ts';
import { apiOver } from '../support/world.ts';
import { createTable } from './sessions.ts';
import { entries, requestOf, type Table } from './walk.ts';

/** An estimate takes the body of a create. These fields of it have no price, on any provider. */
const WITHOUT_PRICE = [
  'env',
  'labels',
  'namespace',
  'storage_config.bucket',
  'storage_config.volume',
  // A word that is only a label, beside an image; and an owner whose workspace has the same package.
  'template',
  'user',
  'workspace_owner',
];
let platform: Platform;
let call: Client;
let table: Table;
beforeAll(async () => {
  platform = await openPlatform(undefined, 'idle');
  call = clientOf(apiOver(platform), await bootstrapAdminKey(platform.deps, 'admin', async () => {}));
  const lab = { user_id: 'holder', workspace_id: 'lab', name: 'Lab', resource_package: 'dev_small' };
  expect((await call('/v1/workspaces', { body: lab })).status).toBe(200);
  table = createTable(call);
});
afterAll(() => platform?.close());

it('warns of the same fields as the create, and of the others says what changes or has no price', async () => {
  const estimate = async (given: Parameters<typeof requestOf>[0]): Promise<string> =>
    (await call('/v1/sessions/estimate', { body: requestOf(given).body })).text.replaceAll(/"req-\w+"/g, '');
  const without = new Set<string>();
  for (const [path, entry] of entries(table)) {
    const around = { user: 'ann', ...entry.beside };
    const said = await estimate({ ...around, [path]: entry.value });
    if ('warned' in entry) expect(said, path).toMatch(entry.warned);
    else if ('refused' in entry) expect(said, path).toMatch(entry.refused);
    else if (said === (await estimate(around))) without.add(path);
  }
  // A machine that lacks the language of the image warns; one that has it does not, and images have no price.
  without.delete('image_spec.image_type');
  expect([...without].sort()).toEqual([...WITHOUT_PRICE].sort());
});
