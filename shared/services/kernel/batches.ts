import { TransactionTooLarge } from '#ports/store.ts';

/**
 * The most documents that one transaction changes where their number grows with their owner: stores bound a
 * transaction, and a rival's change to one of them repeats it all.
 */
export const MOST_CHANGED = 50;

/**
 * Does something with as many at once as one commit can carry: `most`, or half of that as often as it takes. Few
 * documents may be large: a session with all the environment that it may have.
 */
export const asManyAsFit = async <R>(most: number, work: (count: number) => Promise<R>): Promise<R> => {
  for (let count = most; ; count = Math.ceil(count / 2)) {
    try {
      return await work(count);
    } catch (error) {
      if (!(error instanceof TransactionTooLarge) || count <= 1) throw error;
    }
  }
};

/** Works on a list at once, or where one commit can't carry that, on each half of it. */
export const inHalves = async <T>(
  list: readonly T[],
  work: (part: readonly T[]) => Promise<unknown>,
): Promise<void> => {
  try {
    await work(list);
  } catch (error) {
    if (!(error instanceof TransactionTooLarge) || list.length <= 1) throw error;
    for (const half of batchesOf(list, Math.ceil(list.length / 2))) await inHalves(half, work);
  }
};

/** A list in pieces of at most `size`, in its order. */
export const batchesOf = function* <T>(list: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
};
