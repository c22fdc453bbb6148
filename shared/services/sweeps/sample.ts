import { createHash } from 'node:crypto';
import { epochMs, iso } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import { places } from '../model/collections.ts';
import type { PlaceDoc } from '../model/docs.ts';
import { LONGEST_RUN_MS, STEP, walkFrom } from './pages.ts';

/** Leaks are made while something starts: what is younger is compared with its record in each round. */
const YOUNG_MS = 600_000;
const MINUTE_MS = 60_000;
const SLOTS = 60;
/** How far the clocks of two processes may be apart, minutes. */
const SKEW = 5;

/** One minute of the hour for each key, so that the records of an hour's rounds add up to all of them. */
const slotOf = (key: string): number => createHash('sha256').update(key).digest().readUInt16BE(0) % SLOTS;

const minuteOf = (deps: Deps): number => Math.floor(deps.clock.now() / MINUTE_MS);

/** Whether this is the minute of the hour of a key: for what is to be said once an hour. */
export const hourHasCome = (deps: Deps, key: string): boolean => slotOf(key) === minuteOf(deps) % SLOTS;

/** What a provider lists, as far as it decides when its record is read. */
export interface Listed {
  readonly key: string;
  readonly created_at: number | null;
  /** To be compared in each round, whatever its age. */
  readonly always: boolean;
}

/** Up to where rounds have done their minutes. */
interface Reached {
  /** The last that was done whole. */
  readonly minute: number;
  /** Of the one after it, the last key that was done. */
  readonly after: string | null;
}

/** Where this round begins. After an hour without rounds all are due, and after more than that no more than all. */
const begin = (kept: PlaceDoc | undefined, now: number): Reached => {
  if (kept === undefined) return { minute: now - 1, after: null };
  const reached: Reached = { minute: Math.floor(epochMs(kept.from) / MINUTE_MS), after: kept.after ?? null };
  // The second: of a clock that was far ahead.
  const lost = reached.minute < now - SLOTS || reached.minute > now + SKEW;
  return lost ? { minute: now - SLOTS, after: null } : reached;
};

/**
 * Those whose hour has come, minute by minute from the last that was done: a round that did not take place, or ran out
 * of time, is made up for by the next one, not an hour later.
 */
const walkMinutes = async <T>(
  deps: Deps,
  job: string,
  old: readonly T[],
  keyOf: (item: T) => string,
  start: number,
  work: (items: readonly T[]) => Promise<void>,
): Promise<void> => {
  const now = minuteOf(deps);
  const before = begin((await deps.store.get(places, job))?.data, now);
  const bySlot = Map.groupBy(old, (item) => slotOf(keyOf(item)));
  const isOver = (): boolean => deps.clock.monotonic() - start > LONGEST_RUN_MS;
  let { minute, after }: Reached = before;
  // A step at least, so that each round gets further.
  for (let first = true; minute < now && (first || !isOver()); first = false) {
    const due = (bySlot.get((minute + 1) % SLOTS) ?? []).filter((item) => after === null || keyOf(item) > after);
    const step = due.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)).slice(0, STEP);
    if (step.length > 0) await work(step);
    const last = step.at(-1);
    after = step.length < due.length && last !== undefined ? keyOf(last) : null;
    if (after === null) minute += 1;
  }
  if (minute === before.minute && after === before.after) return;
  await deps.store.put(places, job, { from: iso(minute * MINUTE_MS), ...(after === null ? {} : { after }) });
};

/**
 * Compares what a provider lists with what is on record: what is young in each round, the rest once an hour. A local
 * store is read for all of them.
 * @param work is told whether the hour of these has come
 */
export const walkSample = async <T>(
  deps: Deps,
  job: string,
  list: readonly T[],
  of: (item: T) => Listed,
  work: (items: readonly T[], hour: boolean) => Promise<void>,
): Promise<void> => {
  const start = deps.clock.monotonic();
  const keyOf = (item: T): string => of(item).key;
  const isNow = (item: T): boolean => {
    const { created_at, always } = of(item);
    const young = created_at === null || deps.clock.now() - created_at < YOUNG_MS;
    return deps.settings.mode === 'standalone' || always || young;
  };
  const old = list.filter((item) => !isNow(item));
  await walkFrom(deps, job, list.filter(isNow), keyOf, (page) => work(page, false));
  if (old.length > 0) await walkMinutes(deps, `${job}-hour`, old, keyOf, start, (page) => work(page, true));
};
