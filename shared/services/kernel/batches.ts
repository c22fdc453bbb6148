/** A list in pieces of at most `size`, in its order. */
export const batchesOf = function* <T>(list: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
};
