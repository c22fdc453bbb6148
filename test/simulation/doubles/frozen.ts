const MAX_BYTES = 1_000_000;

/**
 * A copy of a document as a store would return it (without undefined members). Frozen, so that all readers can share it
 * and a reader that changes it fails. @throws RangeError above a megabyte
 */
export const frozenCopy = (data: unknown): unknown => {
  let size = 0;
  const copy = (value: unknown): unknown => {
    if (typeof value === 'string') {
      size += value.length;
      return value;
    }
    // JSON has one zero.
    if (typeof value !== 'object' || value === null) return value === 0 ? 0 : value;
    if (Array.isArray(value)) return Object.freeze(value.map((item) => copy(item) ?? null));
    const made: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      const member = (value as Record<string, unknown>)[key];
      if (member === undefined) continue;
      size += key.length;
      made[key] = copy(member);
    }
    return Object.freeze(made);
  };
  const made = copy(data);
  if (size >= MAX_BYTES) throw new RangeError(`a document of about ${size} bytes; it may have ${MAX_BYTES}`);
  return made;
};
