import { z } from 'zod';
import { SCOPES } from '../scopes.ts';
import { DisplayName, Instant, KeyId, NullableInstant, SessionId, UserId, WorkspaceId } from './common.ts';

export const KeyCreate = z
  .strictObject({
    name: DisplayName.meta({ description: 'Name for people.' }),
    user_id: UserId.nullish().meta({
      description:
        'User that the key acts for. If an admin leaves it out: an admin key, if `scopes` contains `admin` or is left out.',
    }),
    scopes: z
      .array(z.enum(SCOPES))
      .min(1)
      .optional()
      .meta({ description: 'Operations that the key may call; by default all that the calling key may give.' }),
    workspace_id: WorkspaceId.nullish().meta({ description: 'Restricts the key to this workspace.' }),
    workspace_owner: UserId.nullish().meta({ description: 'Owner of `workspace_id`; by default the user of the key.' }),
    session_id: SessionId.nullish().meta({ description: 'Restricts the key to this session.' }),
    expires_at: z.iso
      .datetime({ offset: true })
      .nullish()
      .meta({ description: 'When the key stops working; by default when the calling key expires, otherwise never.' }),
  })
  .meta({ id: 'KeyCreate' });

export const Key = z
  .object({
    key_id: KeyId,
    name: z.string().meta({ description: 'Name for people.' }),
    user_id: z.string().nullable().meta({ description: 'User that the key acts for; null: any user.' }),
    scopes: z.array(z.enum(SCOPES)).meta({ description: 'Operations that the key may call.' }),
    workspace_id: z.string().nullable().meta({ description: 'The only workspace that the key can use; null: all.' }),
    workspace_owner: z.string().nullable().meta({ description: 'Owner of that workspace.' }),
    session_id: z.string().nullable().meta({ description: 'The only session that the key can use; null: all.' }),
    created_at: Instant.meta({ description: 'When it was created.' }),
    expires_at: NullableInstant.meta({ description: 'When it stops working; null: never.' }),
    last_used_at: NullableInstant.meta({ description: 'When it was last used, to the minute; null: never.' }),
    revoked_at: NullableInstant.meta({ description: 'When it was revoked; null: it is not revoked.' }),
    secret: z.string().optional().meta({ description: 'The whole key. Only the answer to the create has it.' }),
    message: z.string().optional().meta({ description: 'What to do with the secret.' }),
  })
  .meta({ id: 'Key' });
