import { epochMs } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import { OFTEN } from '../lifecycle/intents.ts';
import { intents } from '../model/collections.ts';

/** More than so many are not counted: by then the figure has said what it can. */
const MOST_COUNTED = 100;

/** A type and not an interface, so that it is a record of figures. */
export type IntentFigures = {
  /** Open intents that have been tried more than 20 times; 100 stands for that many or more. */
  readonly often: number;
  /** Age of the oldest open intent; 0 where none is open. */
  readonly oldest_ms: number;
};

/** What an operator is alarmed by. It reads the oldest open intent and those that it counts, and no other. */
export const intentFigures = async ({ store, clock }: Pick<Deps, 'store' | 'clock'>): Promise<IntentFigures> => {
  const [oldest] = (await store.query(intents, { order: { field: 'created_at', direction: 'asc' }, limit: 1 })).docs;
  // Where none is open there is nothing to count, and a query that finds nothing is charged as well.
  if (oldest === undefined) return { often: 0, oldest_ms: 0 };
  const often = await store.query(intents, {
    order: { field: 'attempt', direction: 'asc' },
    range: { gt: OFTEN },
    limit: MOST_COUNTED,
  });
  return { often: often.docs.length, oldest_ms: Math.max(0, clock.now() - epochMs(oldest.data.created_at)) };
};
