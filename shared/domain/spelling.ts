/** Edit distance: the number of changed letters. Two exchanged neighbours count as two changes. */
const editDistance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same);
    }
    row = next;
  }
  return row[b.length] ?? 0;
};

/** The known word that is most like the given one, the first of several. */
export const nearest = (word: string, known: readonly string[]): string | null => {
  let best: { readonly word: string; readonly distance: number } | null = null;
  for (const candidate of known) {
    const distance = editDistance(word, candidate);
    if (best === null || distance < best.distance) best = { word: candidate, distance };
  }
  return best?.word ?? null;
};

/** Letters and digits alone, so that `ttlMinutes`, `TTL_MINUTES` and `ttl-minutes` are the same. */
const letters = (word: string): string => word.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/**
 * The known word that was probably meant: the same letters, otherwise one that begins or ends with the given word,
 * otherwise one with few changed letters. Null if none is alike.
 */
export const meantBy = (word: string, known: readonly string[]): string | null => {
  const given = letters(word);
  if (given === '' || given.length > MOST_COMPARED) return null;
  const same = known.find((candidate) => letters(candidate) === given);
  if (same !== undefined) return same;
  const part = known.find((candidate) => {
    const all = letters(candidate);
    return given.length >= 3 && (all.startsWith(given) || all.endsWith(given));
  });
  if (part !== undefined) return part;
  const closest = nearest(given, known.map(letters));
  if (closest === null || editDistance(given, closest) > Math.max(2, Math.floor(given.length / 4))) return null;
  return known.find((candidate) => letters(candidate) === closest) ?? null;
};

/** Longer words are not compared: the cost grows with the product of the lengths. */
const MOST_COMPARED = 100;
