import type { z } from 'zod';
import type { Storage } from '#contract/entities/workspace.ts';
import { usd } from '#domain/money.ts';
import { storageRate } from '#domain/storage-pricing.ts';
import type { Deps } from '../kernel/deps.ts';
import { billedStorage } from '../billing/prices.ts';
import type { StorageDoc } from '../model/docs.ts';
import { placeOf } from '../model/places.ts';
import { holdersOf } from '../kernel/holders.ts';

/** MiB held now; null where that can't be measured just now. */
const measured = async (deps: Deps, doc: StorageDoc): Promise<number | null> => {
  try {
    return await deps.storages.of(doc.provider, doc.kind).usage(placeOf(doc));
  } catch (error) {
    deps.log.warn({ storage: doc.id, err: error }, 'storage could not be measured');
    return null;
  }
};

/** With what it holds now, measured. @param retained_until of its workspace */
export const storageToWire = async (
  deps: Deps,
  doc: StorageDoc,
  retained_until: string | null,
): Promise<z.infer<typeof Storage>> => {
  const table = deps.settings.prices;
  const [used, mounted_by] = await Promise.all([measured(deps, doc), holdersOf(deps.store, doc)]);
  const rate = storageRate(billedStorage(deps, doc), table).total;
  return {
    name: doc.name,
    kind: doc.kind,
    workspace_owner: doc.owner,
    workspace_id: doc.workspace_id,
    provider: doc.provider,
    access: doc.access,
    size_gb: doc.size_gb,
    // A kind that this deployment no longer has is still on record.
    size_limit:
      deps.storages.all.find(({ provider, kind }) => provider === doc.provider && kind === doc.kind)?.size_limit ??
      'watched',
    used_gb: used === null ? null : Math.round((used / 1024) * 1000) / 1000,
    mounted_by: [...mounted_by],
    cost_per_hour: rate === null ? null : usd(rate),
    currency: table.currency,
    price_list: table.name,
    created_at: doc.created_at,
    retained_until,
  };
};
