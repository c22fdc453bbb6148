import type { Collection, Doc, Page, Query } from '#ports/store.ts';
import type { Deps } from '../kernel/deps.ts';
import { runOf } from '../kernel/run.ts';
import { unlessItFails } from '../kernel/unless-it-fails.ts';
import { places } from '../model/collections.ts';
import { workThrough } from './work-through.ts';

const MOST_PAGES = 100;

export interface Due<T> {
  /** Names the place that is kept between runs. */
  readonly job: string;
  readonly collection: Collection<T>;
  readonly where?: Query['where'];
  /** The ordered field, which says since when something is due. */
  readonly field: keyof T & string;
  /** Everything up to here is due. */
  readonly until: string;
  readonly page: number;
}

/**
 * Works off what is due, page by page, until nothing is left or the run's time is over. A run that stops early keeps
 * its place, and the next one goes on there: what fails again and again keeps none of the others waiting, nor does a page
 * whose work fails, which is logged. A page begins where the last one ended, as a store walks over what was removed from
 * a range. Where one page holds all that is due, its place is not looked at. @returns how many were found
 */
export const sweepDue = async <T>(
  deps: Deps,
  { job, collection, where, field, until, page }: Due<T>,
  work: (docs: readonly Doc<T>[]) => Promise<void>,
): Promise<number> => {
  const run = runOf(deps);
  const query = (range: NonNullable<Query['range']>): Promise<Page<T>> =>
    deps.store.query(collection, {
      ...(where === undefined ? {} : { where }),
      order: { field, direction: 'asc' },
      range,
      limit: page,
    });
  let first: Page<T> | null = await query({ lte: until });
  // Most runs find less than a page, and the read of a place is charged.
  const kept = first.docs.length < page ? null : ((await deps.store.get(places, job))?.data.from ?? null);
  if (kept !== null) first = null;
  let from = kept;
  let passed: string | null = null;
  let found = 0;
  const done = new Set<string>();
  for (let pages = 1; ; pages++) {
    const range =
      passed !== null ? { gt: passed, lte: until } : from === null ? { lte: until } : { gte: from, lte: until };
    const due: Page<T> = first ?? (await query(range));
    first = null;
    const fresh = due.docs.filter(({ id }) => !done.has(id));
    if (fresh.length > 0)
      await unlessItFails(deps, { job }, 'a page could not be worked off; the next run tries again', () => work(fresh));
    found += fresh.length;
    for (const { id } of fresh) done.add(id);
    const last = due.docs.at(-1)?.data[field];
    if (due.docs.length < page || typeof last !== 'string') break;
    // More at one instant than a page holds, and all still due: those wait for the next run, what is later does not.
    passed = fresh.length === 0 ? last : null;
    from = last;
    if (pages >= MOST_PAGES || run.isOver()) {
      await deps.store.put(places, job, { from });
      return found;
    }
  }
  if (kept !== null) await deps.store.delete(places, job);
  return found;
};

/** How many of a list are worked on before the time is looked at. */
export const STEP = 100;

/**
 * Works off a list that a provider gave, in the order of its keys, until the run's time is over. A run that stops early
 * keeps its place, and the next one begins there and then does the rest.
 */
export const walkFrom = async <T>(
  deps: Deps,
  job: string,
  list: readonly T[],
  keyOf: (item: T) => string,
  work: (items: readonly T[]) => Promise<void>,
): Promise<void> => {
  if (list.length === 0) return;
  const { isOver } = runOf(deps);
  // One step is always done in time: only a longer list has a place.
  const kept = list.length > STEP ? ((await deps.store.get(places, job))?.data.from ?? null) : null;
  const sorted = list.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const first = kept === null ? 0 : sorted.findIndex((item) => keyOf(item) >= kept);
  const turned = first <= 0 ? sorted : [...sorted.slice(first), ...sorted.slice(0, first)];
  for (let at = 0; at < turned.length; ) {
    const step = turned.slice(at, at + STEP);
    at += (await workThrough(deps, job, step, keyOf, work, isOver)).passed;
    const next = turned[at];
    if (next === undefined || !isOver()) continue;
    await deps.store.put(places, job, { from: keyOf(next) });
    return;
  }
  if (kept !== null) await deps.store.delete(places, job);
};
