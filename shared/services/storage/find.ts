import { missing } from '#contract/errors.ts';
import type { Role } from '#contract/entities/workspace.ts';
import { workspaceFor } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { storage, storageKey, workspaceKey } from '../model/collections.ts';
import type { StorageDoc } from '../model/docs.ts';

export interface StoragePath {
  readonly kind: 'volume' | 'bucket';
  readonly user_id: string;
  readonly workspace_id: string;
}

export interface StoragePlace {
  readonly workspace_key: string;
  /** Until when its workspace's data is kept; null where the workspace is not deleted. */
  readonly retained_until: string | null;
}

/** The workspace, deleted ones included: their data is still the owner's to see. */
export const storagePlace = async (deps: Deps, call: Call, at: StoragePath, needs: Role): Promise<StoragePlace> => {
  const { workspace } = await workspaceFor(lookupIn(deps.store), call, at.user_id, at.workspace_id, needs, 'shown');
  const { owner, workspace_id, retained_until } = workspace;
  return { workspace_key: workspaceKey(owner, workspace_id), retained_until };
};

interface Found extends StoragePlace {
  readonly doc: StorageDoc;
}

export const storageFor = async (
  deps: Deps,
  call: Call,
  at: StoragePath & { name: string },
  needs: Role,
): Promise<Found> => {
  const place = await storagePlace(deps, call, at, needs);
  const doc = await deps.store.get(storage, storageKey(place.workspace_key, at.kind, at.name));
  if (!doc) throw missing(at.kind, `The ${at.kind} ${at.name} does not exist in workspace ${at.workspace_id}.`);
  return { ...place, doc: doc.data };
};
