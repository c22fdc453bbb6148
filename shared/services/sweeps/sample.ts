import { createHash } from 'node:crypto';
import type { Deps } from '../kernel/deps.ts';

/** Leaks are made while something starts: what is younger is compared with its record in each round. */
const YOUNG_MS = 600_000;
const MINUTE_MS = 60_000;
const SLOTS = 60;

/** One minute of the hour for each key, so that the records of an hour's rounds add up to all of them. */
const slotOf = (key: string): number => createHash('sha256').update(key).digest().readUInt16BE(0) % SLOTS;

/** Whether this is the minute of the hour in which a key's record is read in any case. */
export const hourHasCome = (deps: Deps, key: string): boolean =>
  slotOf(key) === Math.floor(deps.clock.now() / MINUTE_MS) % SLOTS;

/** Whether a listed resource is compared with its record in this round. A local store is read for all of them. */
export const isSampled = (deps: Deps, key: string, created_at: number | null): boolean =>
  deps.settings.mode === 'standalone' ||
  created_at === null ||
  deps.clock.now() - created_at < YOUNG_MS ||
  hourHasCome(deps, key);
