import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { storageFor, type StoragePath } from './find.ts';
import { storageToWire } from './wire.ts';

export const getStorage = async (deps: Deps, call: Call, input: StoragePath & { name: string }) => {
  const { doc, retained_until } = await storageFor(deps, call, input, 'viewer');
  return storageToWire(deps, doc, retained_until);
};
