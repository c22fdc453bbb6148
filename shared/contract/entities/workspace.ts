import { z } from 'zod';
import { DisplayName, Instant, NullableInstant, PriceList, UserId, WorkspaceId } from './common.ts';
import { ResourcePackage } from './session.ts';

export const WorkspaceCreate = z
  .strictObject({
    user_id: UserId,
    workspace_id: WorkspaceId,
    name: DisplayName.meta({ description: 'Name for people.' }),
    resource_package: ResourcePackage.meta({ description: 'Default package of its sessions.' }),
    description: z
      .string()
      .max(2000)
      .refine((text) => !text.includes('\0'), 'must not contain a NUL byte')
      .nullish()
      .meta({ description: 'Text for people, up to 2000 characters.' }),
  })
  .meta({ id: 'WorkspaceCreate' });

export const WORKSPACE_STATUSES = ['active', 'deleting', 'deleted'] as const;
const ROLES = ['owner', 'editor', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

export const Workspace = z
  .object({
    user_id: z.string().meta({ description: 'Id of the owner.' }),
    workspace_id: z.string().meta({ description: 'Id of the workspace, unique for its owner.' }),
    name: z.string().meta({ description: 'Name for people.' }),
    description: z.string().nullable().meta({ description: 'Text for people; null if there is none.' }),
    resource_package: z.string().meta({ description: 'Default package of its sessions.' }),
    status: z
      .enum(WORKSPACE_STATUSES)
      .meta({ description: '`active`; `deleting` while sessions end; `deleted` while data is kept.' }),
    role: z.enum(ROLES).meta({ description: 'The caller’s role in the workspace.' }),
    user_type: z.string().meta({ description: 'User type of the owner.' }),
    live_sessions: z.number().int().meta({ description: 'Number of sessions that have not ended.' }),
    storage: z
      .object({
        volumes: z.number().int().meta({ description: 'Number of volumes.' }),
        buckets: z.number().int().meta({ description: 'Number of buckets.' }),
        size_gb: z.number().meta({ description: 'Size of all volumes and buckets together, in GB.' }),
      })
      .meta({ description: 'Volumes and buckets of the workspace.' }),
    created_at: Instant.meta({ description: 'When it was created.' }),
    updated_at: Instant.meta({ description: 'When it was last changed.' }),
    retained_until: NullableInstant.meta({
      description: 'If deleted: until when its volumes and buckets are kept and billed.',
    }),
  })
  .meta({ id: 'Workspace' });

export const WorkspaceDeleteQuery = z.object({
  force: z.enum(['true', 'false']).optional().meta({
    description:
      '`true`: end its sessions and delete its data at once. Otherwise live sessions are a conflict, and the data is kept for 7 days.',
  }),
});

export const Member = z
  .object({
    member_id: z.string().meta({ description: 'Id of the user.' }),
    role: z.enum(['editor', 'viewer']).meta({ description: '`editor` can use its sessions, `viewer` can only read.' }),
    added_at: Instant.meta({ description: 'When the user became a member.' }),
  })
  .meta({ id: 'Member' });
export const MemberPut = z
  .strictObject({
    role: z.enum(['editor', 'viewer']).meta({ description: '`editor` can use its sessions, `viewer` can only read.' }),
  })
  .meta({ id: 'MemberPut' });

export const Storage = z
  .object({
    name: z.string().meta({ description: 'Name, unique in its workspace among volumes or buckets.' }),
    kind: z.enum(['volume', 'bucket']).meta({ description: '`volume` or `bucket`.' }),
    workspace_owner: z.string().meta({ description: 'Id of the workspace’s owner.' }),
    workspace_id: z.string().meta({ description: 'Id of the workspace.' }),
    provider: z.string().meta({ description: 'Kind of storage, such as `local`; fixed when it is created.' }),
    access: z
      .enum(['one_node', 'many'])
      .meta({ description: '`many`: several sessions can mount it at once. `one_node`: one at a time.' }),
    size_gb: z.number().meta({ description: 'Size in GB.' }),
    size_limit: z.enum(['hard', 'watched']).meta({
      description:
        '`hard`: the provider enforces the size. `watched`: the size is measured, and a session that exceeds it is ended.',
    }),
    used_gb: z.number().nullable().meta({ description: 'GB in use, measured now; null if this can’t be measured.' }),
    mounted_by: z.array(z.string()).meta({ description: 'Ids of the live sessions that mount it.' }),
    cost_per_hour: z.number().nullable().meta({ description: 'Price of one hour; null if the price is missing.' }),
    currency: z.string().meta({ description: 'Currency of all amounts: `USD`.' }),
    price_list: PriceList,
    created_at: Instant.meta({ description: 'When it was created.' }),
    retained_until: NullableInstant.meta({
      description: 'If its workspace is deleted: until when it is kept and billed.',
    }),
  })
  .meta({ id: 'Storage', description: 'A volume or a bucket of a workspace.' });

export const Deleted = z
  .object({
    deleted: z.boolean().meta({ description: 'Always true.' }),
    retained_until: NullableInstant.optional().meta({
      description: 'Until when the data of a deleted workspace is kept; null if it is deleted.',
    }),
  })
  .meta({ id: 'Deleted' });
