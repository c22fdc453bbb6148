import type { z } from 'zod';
import type { Role, Workspace } from '#contract/entities/workspace.ts';
import type { UserType } from '#contract/entities/user.ts';
import type { WorkspaceDoc } from '../model/docs.ts';

export const workspaceToWire = (doc: WorkspaceDoc, role: Role, userType: UserType): z.infer<typeof Workspace> => ({
  user_id: doc.owner,
  workspace_id: doc.workspace_id,
  name: doc.name,
  description: doc.description,
  resource_package: doc.resource_package,
  status: doc.status,
  role,
  user_type: userType,
  live_sessions: doc.live_sessions,
  storage: { volumes: doc.volumes, buckets: doc.buckets, size_gb: doc.storage_gb },
  created_at: doc.created_at,
  updated_at: doc.updated_at,
  retained_until: doc.retained_until,
});
