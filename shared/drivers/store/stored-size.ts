/**
 * Firestore’s own measure of a document, by which it refuses one: a number has 8 bytes and a map 32 besides its fields,
 * so that many small ones are more there than as JSON.
 */
const TEXT = 1;
const NUMBER = 8;
const MAP = 32;
/** Of the collection’s and the document’s ids together. */
const NAME = 16;

const textSize = (text: string): number => Buffer.byteLength(text) + TEXT;

const valueSize = (value: unknown): number => {
  if (typeof value === 'string') return textSize(value);
  if (typeof value === 'number') return NUMBER;
  if (typeof value !== 'object' || value === null) return 1;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + valueSize(item), 0);
  let size = MAP;
  for (const [name, item] of Object.entries(value)) if (item !== undefined) size += textSize(name) + valueSize(item);
  return size;
};

/** Bytes of a document as Firestore counts them. */
export const storedSize = (collection: string, id: string, data: object): number =>
  textSize(collection) + textSize(id) + NAME + valueSize(data);

/** A document of so many bytes as JSON is never more than so many times as large there: `{}` has 2 and 32. */
export const MOST_GROWTH = 16;
