/**
 * The most documents that one transaction changes where their number grows with their owner: stores bound a
 * transaction, and a rival's change to one of them repeats it all.
 */
export const MOST_CHANGED = 50;

/** A list in pieces of at most `size`, in its order. */
export const batchesOf = function* <T>(list: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
};
