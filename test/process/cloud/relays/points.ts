import { AWAY, type Disturbed, FAULTS, type Fault, hopOf, type Point, textOf } from './calls.ts';

/** Calls that each of these lives has made, in the order of the first. */
export const commonPoints = (lives: readonly (readonly Point[])[]): readonly Point[] => {
  const [first = [], ...others] = lives.map((made) => new Map(made.map((point) => [textOf(point), point])));
  return [...first]
    .filter(([text]) => others.every((made) => (made as Map<string, Point>).has(text)))
    .map(([, point]) => point);
};

/** Whether it only reads, outside of any transaction. */
const reads = ({ label }: Point): boolean => / to the store: (get|query) /.test(label);

/**
 * Every fault at every call. A store repeats a read whatever it is for, so of further reads of the same documents each
 * has one of the faults, in turn.
 */
export const disturbancesOf = (points: readonly Point[]): readonly Disturbed[] =>
  points.flatMap((point, i) => {
    const faults = reads(point) && point.nth > 1 ? [FAULTS[i % FAULTS.length] as Fault] : FAULTS;
    return faults.map((fault) => ({ ...point, fault }));
  });

/** What writes, of which it may stay unknown whether it was done. */
export const unknownsOf = (points: readonly Point[]): readonly Disturbed[] =>
  points.filter(({ label }) => /: (commit|create) /.test(label)).map((point) => ({ ...point, fault: AWAY }));

const WAITS: readonly Disturbed['fault'][] = ['swallowed', 'stalled'];

/**
 * Whether only the caller notices: a driver tries again, or asks what came of it. A connection that is away, and a
 * transaction that was begun without its caller and keeps its locks for a minute, outlast the tries of a driver, so that
 * its own caller has to ask again.
 */
export const isHidden = ({ label, fault }: Disturbed): boolean =>
  fault !== AWAY && (fault === 'cut before' || !label.includes(': begin '));

/** Whether it is over soon: the queue’s driver gives a call up after 2 s, and all others after 10 s. */
export const isQuick = (one: Disturbed): boolean =>
  isHidden(one) && (!WAITS.includes(one.fault) || hopOf(one).endsWith(' to the queue'));

/** So many of them, spread evenly: always the same. */
export const sampleOf = <T>(all: readonly T[], count: number): readonly T[] =>
  Array.from({ length: Math.min(count, all.length) }, (_, i) => all[Math.floor((i * all.length) / count)] as T);

/** Every nth of them, from the ith on, for a slice such as `1/4`. */
export const sliceOf = <T>(all: readonly T[], slice: string): readonly T[] => {
  const [which = 1, of = 1] = slice.split('/').map(Number);
  return all.filter((_, i) => i % of === which - 1);
};

/** How many lives there were for each hop and fault. */
export const tableOf = (lived: readonly Disturbed[]): string => {
  const hops = [...new Set(lived.map(hopOf))].toSorted();
  const width = Math.max(...hops.map((hop) => hop.length));
  const cell = (text: string | number): string => String(text).padStart(12);
  const row = (head: string, cells: readonly (string | number)[]): string =>
    `${head.padEnd(width)}${cells.map(cell).join('')}`;
  const count = (hop: string | null, fault: Disturbed['fault']): number =>
    lived.filter((one) => (hop === null || hopOf(one) === hop) && one.fault === fault).length;
  const faults = [...FAULTS, AWAY] as const;
  return [
    row('', faults),
    ...hops.map((hop) =>
      row(
        hop,
        faults.map((fault) => count(hop, fault)),
      ),
    ),
    row(
      'together',
      faults.map((fault) => count(null, fault)),
    ),
  ].join('\n');
};
