import { systemClock } from '#platform/clock.ts';
import type { Json } from './json.ts';
import type { Random } from './random.ts';
import type { TrackedSession } from './tracked-session.ts';

/** Where the server can be reached now. */
interface Address {
  readonly url: string;
  readonly key: string;
}

/** How long what a service does may take, milliseconds. */
export interface Patience {
  /** One call. */
  readonly call_ms: number;
  /** The same call again and again, until it is answered. */
  readonly answer_ms: number;
  /** Between two of them. */
  readonly again_ms: number;
  /** A session, to run or to have ended. */
  readonly end_ms: number;
  /** Between two looks at one. */
  readonly look_ms: number;
}

const PATIENCE: Patience = { call_ms: 30_000, answer_ms: 90_000, again_ms: 40, end_ms: 60_000, look_ms: 100 };

/** What the run has been told by the server, and what it has done to it. Everything acknowledged must hold for ever. */
export interface World {
  readonly dataDir: string;
  readonly random: Random;
  readonly patience: Patience;
  readonly sessions: Map<string, TrackedSession>;
  readonly facts: Map<string, Fact>;
  readonly counts: Map<string, number>;
  readonly violations: string[];
  /** Whether sessions with Python are asked for too: what all of them are made from is made once, undisturbed. */
  python: boolean;
  /** Whether this machine's sandboxes have control groups. */
  grouped: boolean;
  address: Address | null;
  /** How many keepers were killed so far. */
  keepersKilled: number;
  /** Starts of a server so far. */
  starts: number;
  /** Actors finish what they are at and begin nothing new. */
  closing: boolean;
  /** Nobody waits for anything any more. */
  over: boolean;
}

/** Something acknowledged that one GET shows. `expect` is replaced with each acknowledged change. */
export interface Fact {
  readonly path: string;
  /** The key to look with, where it is not the admin's. */
  readonly key?: string;
  /** Set while a change of it is asked for and not answered: until then both are right. */
  unsure: boolean;
  /** @returns what is wrong, or null */
  expect: (status: number, body: Json) => string | null;
}

export const newWorld = (dataDir: string, random: Random, patience: Patience = PATIENCE): World => ({
  dataDir,
  random,
  patience,
  sessions: new Map(),
  facts: new Map(),
  counts: new Map(),
  violations: [],
  python: false,
  grouped: false,
  address: null,
  keepersKilled: 0,
  starts: 0,
  closing: false,
  over: false,
});

export const count = (world: World, what: string, by = 1): void => {
  world.counts.set(what, (world.counts.get(what) ?? 0) + by);
};

/** Something that must never be. */
export const violation = (world: World, what: string): void => {
  if (!world.violations.includes(what)) world.violations.push(what);
};

export const pause = (ms: number): Promise<void> => systemClock.sleep(ms);
