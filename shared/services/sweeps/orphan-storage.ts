import type { OwnedStorage, StorageDriver } from '#ports/storages.ts';
import type { Deps } from '../kernel/deps.ts';
import { unlessItFails } from '../kernel/unless-it-fails.ts';
import { storage } from '../model/collections.ts';
import { hourHasCome, type Listed, walkSample } from './sample.ts';

const DAY_MS = 86_400_000;

const isOnRecord = async (deps: Deps, key: string): Promise<boolean> =>
  (await deps.store.query(storage, { where: { key }, limit: 1 })).docs.length > 0;

/** Whether storage whose content can't be seen has been on no record for as long as a deleted workspace's is kept. */
const isOld = (deps: Deps, { created_at }: OwnedStorage): boolean =>
  created_at !== null && deps.clock.now() - created_at > deps.settings.retention_days * DAY_MS;

/** @param hour whether it may be spoken of: once an hour is enough */
const removeOrphan = async (deps: Deps, driver: StorageDriver, owned: OwnedStorage, hour: boolean): Promise<void> => {
  const empty = await driver.isEmpty(owned.place);
  if (empty === 'yes' || (empty === 'unknown' && isOld(deps, owned))) await driver.remove(owned.place);
  else if (hour || hourHasCome(deps, owned.place.key)) {
    deps.log.warn(
      { key: owned.place.key, provider: driver.provider, empty },
      `a ${driver.kind} is on no record and may hold data; it is left. Remove it by hand if it is not needed`,
    );
  }
};

const TRIED_AGAIN = 'storage on no record could not be removed; the next round tries again';

/**
 * Removes volumes and buckets that a late order made after their removal: on no record, and empty. One that holds data
 * is never removed for want of a record, as a store brought back from a backup may lack it; one that can't be looked
 * into goes after an age. The list is read before the records, and no key is used twice: what is made in between has a
 * record already.
 */
export const removeOrphanStorage = async (deps: Deps): Promise<void> => {
  const walk = async (driver: StorageDriver): Promise<void> => {
    const of = ({ place: { key }, created_at }: OwnedStorage): Listed => ({ key, created_at, always: false });
    const job = `orphans-${driver.provider}-${driver.kind}`;
    await walkSample(deps, job, await driver.list(), of, async (page, hour) => {
      for (const owned of page) {
        const { key } = owned.place;
        if (await isOnRecord(deps, key)) continue;
        await unlessItFails(deps, { key }, TRIED_AGAIN, () => removeOrphan(deps, driver, owned, hour));
      }
    });
  };
  for (const driver of deps.storages.all) {
    const { provider, kind } = driver;
    await unlessItFails(
      deps,
      { provider, kind },
      'storage could not be compared with its records; the next round does',
      () => walk(driver),
    );
  }
};
