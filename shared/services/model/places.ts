import type { Target } from '#ports/compute.ts';
import type { StoragePlace } from '#ports/storages.ts';
import type { SessionDoc, StorageDoc } from './docs.ts';

/** A session as its provider is asked for it. */
export const targetOf = ({ key, workspace_owner, workspace_id, ref }: SessionDoc): Target => ({
  key,
  owner: workspace_owner,
  workspace_id,
  ref,
});

/** A volume or bucket as its driver is asked for it. */
export const placeOf = ({ key, owner, workspace_id }: StorageDoc): StoragePlace => ({ key, owner, workspace_id });
