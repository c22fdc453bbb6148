/** Ids begin with the time of their creation in ten characters, so this many tell most of them apart. */
const USUAL = 10;

/** The part of an id behind its kind: `ses-`, `key-`. */
const bodyAt = (id: string): number => id.indexOf('-') + 1;

/**
 * Shortens ids to beginnings that tell them apart, all to the same length. Every command that takes an id takes such a
 * beginning too. An id that a person has chosen is not shortened.
 */
export const shortIds = (ids: readonly string[]): ((id: string) => string) => {
  const made = [...new Set(ids.filter((id) => /^[a-z]+-[0-9a-z]{26}$/.test(id)))];
  let length = USUAL;
  const cut = (id: string): string => id.slice(0, bodyAt(id) + length);
  while (length < 26 && new Set(made.map(cut)).size < made.length) length += 1;
  const known = new Set(made);
  return (id) => (known.has(id) ? cut(id) : id);
};
