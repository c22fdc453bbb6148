import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { type PageInput, pageOfQuery } from '../kernel/pages.ts';
import { storage } from '../model/collections.ts';
import { type StoragePath, storagePlace } from './find.ts';
import { storageToWire } from './wire.ts';

export const listStorage = async (deps: Deps, call: Call, input: StoragePath & PageInput) => {
  const { workspace_key, retained_until } = await storagePlace(deps, call, input, 'viewer');
  return pageOfQuery(
    deps.store,
    storage,
    { where: { workspace_key, kind: input.kind }, order: { field: 'name', direction: 'asc' } },
    input,
    (doc) => storageToWire(deps, doc, retained_until),
  );
};
