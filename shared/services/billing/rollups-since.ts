import { DAY_MS, dayBefore } from '#domain/months.ts';
import { epochMs, iso } from '#ports/clock.ts';
import type { Ports } from '#ports/ports.ts';
import { ledger, places } from '../model/collections.ts';

const PLACE = 'rollups';

/**
 * Since when this deployment keeps sums of its ledger, epoch milliseconds; found out once, at start. A ledger that an
 * earlier release wrote has none: they begin with the next day.
 */
export const rollupsSince = async ({ store, clock }: Pick<Ports, 'store' | 'clock'>): Promise<number> => {
  const known = await store.get(places, PLACE);
  if (known) return epochMs(known.data.from);
  const isNew = (await store.query(ledger, { limit: 1 })).docs.length === 0;
  const from = isNew ? 0 : dayBefore(clock.now()) + DAY_MS;
  await store.put(places, PLACE, { from: iso(from) });
  return from;
};
