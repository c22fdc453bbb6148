import { z } from 'zod';
import { SCOPES } from '../scopes.ts';
import { DisplayName, Instant, KeyId, NullableInstant, SessionId, UserId, WorkspaceId } from './common.ts';

export const KeyCreate = z
  .object({
    name: DisplayName,
    user_id: UserId.nullish().meta({
      description:
        'The user it acts for. Null or left out by an admin: an admin key, if `scopes` has admin or is left out.',
    }),
    scopes: z.array(z.enum(SCOPES)).min(1).optional(),
    workspace_id: WorkspaceId.nullish(),
    workspace_owner: UserId.nullish(),
    session_id: SessionId.nullish(),
    expires_at: z.iso.datetime({ offset: true }).nullish(),
  })
  .meta({ id: 'KeyCreate' });

export const Key = z
  .object({
    key_id: KeyId,
    name: z.string(),
    user_id: z.string().nullable(),
    scopes: z.array(z.enum(SCOPES)),
    workspace_id: z.string().nullable(),
    workspace_owner: z.string().nullable(),
    session_id: z.string().nullable(),
    created_at: Instant,
    expires_at: NullableInstant,
    last_used_at: NullableInstant,
    revoked_at: NullableInstant,
    secret: z.string().optional().meta({ description: 'The whole key. Shown once, in the answer that made it.' }),
    message: z.string().optional(),
  })
  .meta({ id: 'Key' });
