import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Resource } from '#contract/errors.ts';
import { bootstrapAdminKey } from '#services/keys/bootstrap.ts';
import { type Client, clientOf } from './support/client.ts';
import { openPlatform, type Platform } from './support/platform.ts';
import { apiOver } from './support/world.ts';

let platform: Platform;
let call: Client;
let session = '';

beforeAll(async () => {
  platform = await openPlatform();
  call = clientOf(apiOver(platform), await bootstrapAdminKey(platform.deps, 'admin', async () => {}));
  const { json } = await call('/v1/sessions?wait=60', { body: { user: 'ann', ttl_minutes: 5 } });
  session = (json as { id: string }).id;
});
afterAll(() => platform?.close());

const NO_SESSION = 'ses-01m8fp4j2p48h6xyfxxwahn75h';

it.each<[Resource | undefined, () => string]>([
  ['session', () => `/v1/sessions/${NO_SESSION}`],
  ['session', () => '/v1/sessions/no session'],
  ['session', () => `/v1/sessions/${NO_SESSION}/execs`],
  ['exec', () => `/v1/sessions/${session}/execs/none`],
  ['exec', () => `/v1/sessions/${session}/execs/none/output`],
  ['exec', () => `/v1/sessions/${session}/jobs/none/status`],
  ['workspace', () => '/v1/workspaces/ann/none'],
  ['workspace', () => '/v1/workspaces/ann/none/volumes'],
  ['volume', () => '/v1/workspaces/ann/default/volumes/none'],
  ['bucket', () => '/v1/workspaces/ann/default/buckets/none'],
  ['bucket', () => '/v1/workspaces/ann/default/buckets/NO!'],
  ['user', () => '/v1/users/none'],
  ['webhook', () => '/v1/webhooks/whk-01m8fp4j2p48h6xyfxxwahn75h'],
  [undefined, () => '/v1/nothing'],
])('says that it is a missing %s: %s', async (resource, path) => {
  const { status, json } = await call(path());
  expect([status, (json as { code: string }).code]).toEqual([404, 'not_found']);
  expect((json as { resource?: string }).resource).toBe(resource);
});
