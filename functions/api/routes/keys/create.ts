import { Key, KeyCreate } from '#contract/entities/key.ts';
import { createKey } from '#services/keys/create.ts';
import { jsonRoute } from '../../route.ts';

export const keysCreate = jsonRoute({
  operation: 'keys.create',
  summary: 'Make an API key',
  description: 'Within the rights of the key that asks. The secret is in this answer alone.',
  body: KeyCreate,
  response: Key,
  handle: ({ deps, call, body }) => createKey(deps, call, body),
});
