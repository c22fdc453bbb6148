import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { storageFor, type StoragePath } from './find.ts';
import { removeStorage } from '../lifecycle/remove-storage.ts';

/** Deletes a volume or bucket and all that is in it. @throws Problem conflict while a session mounts it */
export const deleteStorage = async (deps: Deps, call: Call, input: StoragePath & { name: string }) => {
  const { doc } = await storageFor(deps, call, input, 'owner');
  return { deleted: await removeStorage(deps, call, doc.id) };
};
