import { createHash } from 'node:crypto';
import { epochMs, iso } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import { type Run, runOf } from '../kernel/run.ts';
import { places } from '../model/collections.ts';
import type { PlaceDoc } from '../model/docs.ts';
import { STEP, walkFrom } from './pages.ts';
import { workThrough } from './work-through.ts';

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

/** Up to where rounds have come. */
interface Reached {
  /** The last minute that was done whole. */
  readonly minute: number;
  /** Of the one after it, the last key that was done. */
  readonly after: string | null;
}

/**
 * Where this round begins. A walk that is behind goes on from where it is, so that each key has its turn. How far it is
 * behind counts only up to two hours: the minutes are those of the hour, so whole hours may be left out.
 */
const begin = (kept: PlaceDoc | undefined, now: number): Reached => {
  if (kept === undefined) return { minute: now - 1, after: null };
  const reached: Reached = { minute: Math.floor(epochMs(kept.from) / MINUTE_MS), after: kept.after ?? null };
  const behind = now - reached.minute;
  // Less than nothing: of a clock that was far ahead.
  const lost = behind < -SKEW || behind >= 2 * SLOTS;
  return lost ? { ...reached, minute: now - SLOTS - (((behind % SLOTS) + SLOTS) % SLOTS) } : reached;
};

interface Due<T> {
  readonly item: T;
  readonly key: string;
  /** The minute before the one for which it is due. */
  readonly before: number;
}

/** What is due since then, each item once, in the order in which it came to be due. */
const dueSince = <T>(
  { minute, after }: Reached,
  now: number,
  old: readonly T[],
  keyOf: (item: T) => string,
): Due<T>[] =>
  old
    .map((item) => {
      const key = keyOf(item);
      const later = (slotOf(key) - ((minute + 1) % SLOTS) + SLOTS) % SLOTS;
      const isDone = later === 0 && after !== null && key <= after;
      return { item, key, before: minute + (isDone ? SLOTS : later) };
    })
    .filter(({ before }) => before < now)
    .toSorted((a, b) => a.before - b.before || (a.key < b.key ? -1 : 1));

/**
 * Those whose hour has come, minute by minute from the last that was done: a round that did not take place, or ran out
 * of time, is made up for by the next one, not an hour later. The place is kept after each step, as a process may end
 * in the middle of a round.
 */
const walkMinutes = async <T>(
  deps: Deps,
  job: string,
  old: readonly T[],
  keyOf: (item: T) => string,
  { isOver }: Run,
  work: (items: readonly T[]) => Promise<void>,
): Promise<void> => {
  const now = minuteOf(deps);
  const begun = begin((await deps.store.get(places, job))?.data, now);
  if (begun.minute >= now) return;
  const due = dueSince(begun, now, old, keyOf);
  const workOn = (step: readonly Due<T>[]) => work(step.map(({ item }) => item));
  const keep = ({ minute, after }: Reached) =>
    deps.store.put(places, job, { from: iso(minute * MINUTE_MS), ...(after === null ? {} : { after }) });
  // A step at least, so that each round gets further.
  for (let at = 0; at < due.length && (at === 0 || !isOver()); ) {
    const step = due.slice(at, at + STEP);
    const { passed, allFailed } = await workThrough(deps, job, step, ({ key }) => key, workOn, isOver);
    // Most likely the store or the provider does not answer. The next rounds try again, for an hour.
    if (allFailed && now - begun.minute <= SLOTS) return;
    at += passed;
    const last = due[at - 1];
    if (last !== undefined && at < due.length) await keep({ minute: last.before, after: last.key });
    else await keep({ minute: now, after: null });
  }
  // Where nothing was due the place is as good as before: each key is due once an hour, so it does not fall behind.
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
  const run = runOf(deps);
  const keyOf = (item: T): string => of(item).key;
  const isNow = (item: T): boolean => {
    const { created_at, always } = of(item);
    const young = created_at === null || deps.clock.now() - created_at < YOUNG_MS;
    return deps.settings.mode === 'standalone' || always || young;
  };
  const old = list.filter((item) => !isNow(item));
  await walkFrom({ ...deps, run }, job, list.filter(isNow), keyOf, (page) => work(page, false));
  if (old.length > 0) await walkMinutes(deps, `${job}-hour`, old, keyOf, run, (page) => work(page, true));
};
