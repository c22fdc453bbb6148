import type { Operation } from '#drivers/store/firestore/observe.ts';
import { usdOf } from './prices.ts';

/** Operations on documents, one entry for each document, such as `read keys`; `read keys (none)` found nothing. */
export type Documents = readonly string[];

const NONE = ' (none)';
export const isEmpty = (document: string): boolean => document.endsWith(NONE);
const collectionOf = (document: string): string => document.split(' ')[1] ?? '';

export interface Counts {
  readonly read: number;
  readonly write: number;
  readonly delete: number;
}

const VERBS = ['read', 'write', 'delete'] as const satisfies readonly Operation['verb'][];

export const countsOf = (documents: Documents): Counts => {
  const count = (verb: Operation['verb']): number => documents.filter((each) => each.startsWith(`${verb} `)).length;
  return { read: count('read'), write: count('write'), delete: count('delete') };
};

/** USD. */
export const documentsUsd = (counts: Counts): number => VERBS.reduce((sum, verb) => sum + usdOf(verb, counts[verb]), 0);

/** The same by collection, the dearest first. */
export const byCollection = (documents: Documents): readonly (readonly [string, Counts])[] =>
  [...Map.groupBy(documents, collectionOf)]
    .map(([collection, own]) => [collection, countsOf(own)] as const)
    .toSorted(([, a], [, b]) => documentsUsd(b) - documentsUsd(a));

export const countsText = ({ read, write, delete: deleted }: Counts): string =>
  `${read} reads, ${write} writes, ${deleted} deletes`;

/** Keeps what the Firestore driver tells of its operations. */
export const driverCount = () => {
  let seen: string[] = [];
  return {
    observe: {
      operation: ({ verb, collection, count, empty }: Operation): void => {
        for (let i = 0; i < count; i++) seen.push(`${verb} ${collection}${empty ? NONE : ''}`);
      },
    },
    /** Since the last call. */
    taken: (): Documents => {
      const taken = seen;
      seen = [];
      return taken;
    },
  };
};
