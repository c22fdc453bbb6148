import type { Buckets } from '#ports/buckets.ts';
import type { Deps } from '../kernel/deps.ts';
import { everyDoc } from '../kernel/pages.ts';
import { storage } from '../model/collections.ts';

/**
 * Removes volumes and buckets that a late order made after their removal: on no record, and empty. One that holds data
 * is never removed for want of a record, as a store brought back from a backup may lack it. The list is read before the
 * records, and no key is used twice: what is made in between has a record already.
 */
export const removeUnknownStorage = async (deps: Deps): Promise<void> => {
  const places: readonly Buckets[] = [deps.volumes, deps.buckets];
  const lists = await Promise.all(places.map((bytes) => bytes.list()));
  if (lists.every((keys) => keys.length === 0)) return;
  const known = new Set<string>();
  for await (const doc of everyDoc(deps.store, storage, {})) known.add(doc.key);
  for (const [i, bytes] of places.entries()) {
    for (const key of lists[i] ?? []) {
      if (known.has(key)) continue;
      if ((await bytes.usage(key)) === 0) await bytes.remove(key);
      else deps.log.warn({ key }, 'a volume or bucket is on no record and holds data; it is left');
    }
  }
};
