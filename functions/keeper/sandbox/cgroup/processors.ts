/** Which processors each session has, by the session's name. */
export type Held = ReadonlyMap<string, readonly number[]>;

/** A session, and the processors that it is to have from now on. */
export interface Move {
  readonly name: string;
  readonly processors: readonly number[];
}

/** What the processors and the sessions on them did since the last look. */
export interface Load {
  /** The share of the time in which a processor had nothing to do. */
  readonly idle: ReadonlyMap<number, number>;
  /** How many processors' time a session used. */
  readonly used: ReadonlyMap<string, number>;
}

/** A processor that is idle for less than this is one for which programs wait. */
const FULL = 0.1;
/** A processor that is idle for more than this has room for another session. */
const FREE = 0.5;
/** A session that uses less of a processor would gain nothing by another one. */
const LEAST_USE = 0.05;
/** A session that uses more of a processor has it nearly for itself. */
const MOST_USE = 0.9;

/** The numbers in a list such as `0-3,8`, as the kernel writes it. */
export const processorsIn = (list: string): readonly number[] =>
  list.split(',').flatMap((part) => {
    const [, first, last] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part) ?? [];
    if (first === undefined) return [];
    return Array.from({ length: Number(last ?? first) - Number(first) + 1 }, (_, i) => Number(first) + i);
  });

/**
 * The processors for a new session: those that the fewest sessions have, the first ones of `allowed` among equals. null
 * where it is as large as the machine: it is not bound to any then.
 */
export function leastHeld(allowed: readonly number[], held: Held, count: number): readonly number[] | null {
  if (count >= allowed.length) return null;
  const holders = holdersOf(allowed, held);
  const inOrder = [...allowed].sort((a, b) => (holders.get(a) ?? 0) - (holders.get(b) ?? 0));
  return inOrder.slice(0, count).sort((a, b) => a - b);
}

/** What to move so that no processor has two sessions more than another. Nothing, where that is so already. */
export function evened(allowed: readonly number[], held: Held): readonly Move[] {
  const now = new Map(held);
  const moved = new Set<string>();
  for (;;) {
    const holders = [...holdersOf(allowed, now)].sort(([, a], [, b]) => a - b);
    const [least, fewest] = holders[0] ?? [0, 0];
    const [most, mostHolders] = holders.at(-1) ?? [0, 0];
    const name = mostHolders - fewest < 2 ? undefined : namesOn(now, most, least)[0];
    if (name === undefined) return [...moved].map((each) => ({ name: each, processors: now.get(each) ?? [] }));
    now.set(name, exchanged(now.get(name) ?? [], most, least));
    moved.add(name);
  }
}

/** Whether a session may wait for a full processor while another one idles. */
export const isUneven = (idle: Load['idle']): boolean =>
  Math.min(...idle.values()) <= FULL && Math.max(...idle.values()) >= FREE;

/**
 * What to move so that no session waits for a full processor while another one idles. A session changes places with one
 * that does little, unless there is a place left: each processor keeps its number of sessions.
 */
export function relieved(held: Held, { idle, used }: Load): readonly Move[] {
  const now = new Map(held);
  const moved = new Set<string>();
  const move = (name: string, from: number, to: number) => {
    now.set(name, exchanged(now.get(name) ?? [], from, to));
    moved.add(name);
  };
  const share = (name: string) => (used.get(name) ?? 0) / Math.max(1, held.get(name)?.length ?? 1);
  const fullFirst = [...idle.entries()].sort(([, a], [, b]) => a - b);
  // The fullest and the idlest, the next two, and so on.
  for (const [i, [full, idleOfFull]] of fullFirst.entries()) {
    const [free, idleOfFree] = fullFirst.at(-1 - i) ?? [full, 0];
    if (idleOfFull > FULL || idleOfFree < FREE) break;
    const busiest = namesOn(now, full, free)
      .filter((name) => share(name) > LEAST_USE && share(name) < MOST_USE)
      .sort((a, b) => share(b) - share(a))[0];
    if (busiest === undefined) continue;
    const holders = holdersOf([full, free], now);
    const idlest = namesOn(now, free, full).sort((a, b) => share(a) - share(b))[0];
    move(busiest, full, free);
    if (idlest !== undefined && (holders.get(free) ?? 0) >= (holders.get(full) ?? 0)) move(idlest, free, full);
  }
  return [...moved].map((name) => ({ name, processors: now.get(name) ?? [] }));
}

const holdersOf = (processors: readonly number[], held: Held): ReadonlyMap<number, number> => {
  const holders = new Map(processors.map((processor) => [processor, 0]));
  for (const processor of [...held.values()].flat()) {
    const before = holders.get(processor);
    if (before !== undefined) holders.set(processor, before + 1);
  }
  return holders;
};

/** The sessions that have one processor and not the other. */
const namesOn = (held: Held, processor: number, not: number): string[] =>
  [...held].flatMap(([name, has]) => (has.includes(processor) && !has.includes(not) ? [name] : []));

const exchanged = (has: readonly number[], from: number, to: number): readonly number[] =>
  [...has.filter((processor) => processor !== from), to].sort((a, b) => a - b);
