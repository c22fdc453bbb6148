import { Key, KeyCreate } from '#contract/entities/key.ts';
import { createKey } from '#services/keys/create.ts';
import { jsonRoute, listRoute, type Route } from '../route.ts';
import { PageQuery } from '#contract/entities/common.ts';
import { listKeys } from '#services/keys/list.ts';
import { revokeKey } from '#services/keys/revoke.ts';

const keysCreate = jsonRoute({
  operation: 'keys.create',
  summary: 'Make an API key',
  description: 'Within the rights of the key that asks. The secret is in this answer alone.',
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
