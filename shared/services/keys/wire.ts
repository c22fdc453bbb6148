import type { z } from 'zod';
import type { Key } from '#contract/entities/key.ts';
import type { KeyDoc } from '../model/docs.ts';

export const keyToWire = (key: KeyDoc): z.infer<typeof Key> => ({
  key_id: key.key_id,
  name: key.name,
  user_id: key.user_id,
  scopes: [...key.scopes],
  workspace_id: key.workspace_id,
  workspace_owner: key.workspace_owner,
  session_id: key.session_id,
  created_at: key.created_at,
  expires_at: key.expires_at,
  last_used_at: key.last_used_at,
  revoked_at: key.revoked_at,
});
