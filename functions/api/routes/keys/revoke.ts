import { Key } from '#contract/entities/key.ts';
import { revokeKey } from '#services/keys/revoke.ts';
import { jsonRoute } from '../../route.ts';

export const keysRevoke = jsonRoute({
  operation: 'keys.revoke',
  summary: 'Revoke an API key',
  response: Key,
  handle: ({ deps, call, params }) => revokeKey(deps, call, params),
});
