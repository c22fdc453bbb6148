import { z } from 'zod';
import { DisplayName, Instant, NullableInstant, PriceList, UserId, WorkspaceId } from './common.ts';
import { ResourcePackage } from './session.ts';

export const WorkspaceCreate = z
  .object({
    user_id: UserId,
    workspace_id: WorkspaceId,
    name: DisplayName,
    resource_package: ResourcePackage,
    description: z
      .string()
      .max(2000)
      .refine((text) => !text.includes('\0'), 'must not contain a NUL byte')
      .nullish(),
  })
  .meta({ id: 'WorkspaceCreate' });

export const WORKSPACE_STATUSES = ['active', 'deleting', 'deleted'] as const;
const ROLES = ['owner', 'editor', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

export const Workspace = z
  .object({
    user_id: z.string(),
    workspace_id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    resource_package: z.string(),
    status: z.enum(WORKSPACE_STATUSES),
    role: z.enum(ROLES).meta({ description: 'What the caller is here.' }),
    user_type: z.string(),
    live_sessions: z.number().int(),
    storage: z.object({ volumes: z.number().int(), buckets: z.number().int(), size_gb: z.number() }),
    created_at: Instant,
    updated_at: Instant,
    retained_until: NullableInstant.meta({
      description: 'Of a deleted workspace: until when its volumes and buckets are kept (and billed).',
    }),
  })
  .meta({ id: 'Workspace' });

export const WorkspaceDeleteQuery = z.object({
  force: z.enum(['true', 'false']).optional().meta({ description: 'End its sessions and remove its data at once.' }),
});

export const Member = z
  .object({ member_id: z.string(), role: z.enum(['editor', 'viewer']), added_at: Instant })
  .meta({ id: 'Member' });
export const MemberPut = z.object({ role: z.enum(['editor', 'viewer']) }).meta({ id: 'MemberPut' });

export const Storage = z
  .object({
    name: z.string(),
    kind: z.enum(['volume', 'bucket']),
    workspace_owner: z.string(),
    workspace_id: z.string(),
    provider: z.string().meta({ description: 'The kind of provider that holds it, fixed when it is made.' }),
    access: z.enum(['one_node', 'many']),
    size_gb: z.number(),
    size_limit: z.enum(['hard', 'watched']),
    used_gb: z.number().nullable().meta({ description: 'Measured now; null where it can’t be.' }),
    mounted_by: z.array(z.string()).meta({ description: 'Ids of the live sessions that mount it.' }),
    cost_per_hour: z.number().nullable(),
    currency: z.string(),
    price_list: PriceList,
    created_at: Instant,
    retained_until: NullableInstant,
  })
  .meta({ id: 'Storage', description: 'A volume or a bucket of a workspace.' });

export const Deleted = z
  .object({ deleted: z.boolean(), retained_until: NullableInstant.optional() })
  .meta({ id: 'Deleted' });
