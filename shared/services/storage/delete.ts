import { Problem } from '#contract/errors.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { storageFor, type StoragePath } from './find.ts';
import { removeStorage } from '../lifecycle/remove-storage.ts';

const REMOVAL_GOES_ON_SECONDS = 15;

/** Deletes a volume or bucket and all that is in it. @throws Problem conflict while a session mounts it */
export const deleteStorage = async (deps: Deps, call: Call, input: StoragePath & { name: string }) => {
  const { doc } = await storageFor(deps, call, input, 'owner');
  const removal = await removeStorage(deps, call, doc.id);
  if (removal === 'more') {
    throw new Problem(
      'unavailable',
      `The ${doc.kind} ${doc.name} holds so much that its removal takes longer. The removal continues; make the same call again to wait for its end.`,
      { retry_after: REMOVAL_GOES_ON_SECONDS },
    );
  }
  return { deleted: removal === 'gone' };
};
