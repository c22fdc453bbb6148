import { Key, KeyCreate } from '#contract/entities/key.ts';
import { createKey } from '#services/keys/create.ts';
import { jsonRoute, listRoute, type Route } from '../route.ts';
import { PageQuery } from '#contract/entities/common.ts';
import { listKeys } from '#services/keys/list.ts';
import { revokeKey } from '#services/keys/revoke.ts';

const keysCreate = jsonRoute({
  operation: 'keys.create',
  summary: 'Create an API key',
  description: 'A key can’t create a key with more permissions than its own. Only this answer has the secret.',
  body: KeyCreate,
  response: Key,
  handle: ({ deps, call, body }) => createKey(deps, call, body),
});

const keysList = listRoute({
  operation: 'keys.list',
  summary: 'List API keys',
  query: PageQuery,
  item: Key,
  handle: ({ deps, call, query }) => listKeys(deps, call, query),
});

const keysRevoke = jsonRoute({
  operation: 'keys.revoke',
  summary: 'Revoke an API key',
  response: Key,
  handle: ({ deps, call, params }) => revokeKey(deps, call, params),
});

export const keysRoutes: readonly Route[] = [keysCreate, keysList, keysRevoke];
