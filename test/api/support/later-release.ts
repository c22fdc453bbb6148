import type { Collection, Store } from '#ports/store.ts';
import { COLLECTIONS } from '#services/model/collections.ts';

type Fields = Record<string, unknown>;

/** What a later release has written into each document, and this one does not know. */
const MARK: Fields = { x_later: { written: 'by a later release' } };
/** Parts of a fixed shape within documents: they can get fields as well. `*` is each member of a map. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  accounts: ['months.*'],
  sessions: ['end', 'spec', 'bill', 'details'],
  tickets: ['actor'],
  audit: ['actor', 'detail'],
};
const MOST = 1000;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A document and its parts, each with its place: `collection/id`, `collection/id end`. */
const placesIn = (collection: string, id: string, doc: Fields): readonly (readonly [string, Fields])[] => {
  const at = `${collection}/${id}`;
  const parts = (PARTS[collection] ?? []).flatMap((path): (readonly [string, unknown])[] => {
    const [name = '', each] = path.split('.');
    const part = doc[name];
    if (each === undefined) return [[`${at} ${name}`, part]];
    return Object.entries(isObject(part) ? part : {}).map(([key, value]) => [`${at} ${name}.${key}`, value]);
  });
  return [[at, doc], ...parts.flatMap(([place, part]) => (isObject(part) ? [[place, part] as const] : []))];
};

export interface LaterRelease {
  /** The places that have lost its field since it was last here, though they are there. Then it marks all again. */
  visit(): Promise<readonly string[]>;
  /** Every document and part that it has met, as `collection/id` and the names of fields below it. */
  readonly places: ReadonlySet<string>;
  /** How many places of each collection it has marked. */
  readonly marked: ReadonlyMap<string, number>;
  /** The fields that each new document of a collection has. */
  readonly fields: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * A later release that shares a store with this one and gives each document a field of its own.
 * @param anew documents, by place, that stand for a new thing under the name of one that is gone
 */
export const laterRelease = (store: Store, anew: (place: string) => boolean): LaterRelease => {
  const seen = new Set<string>();
  const marked = new Map<string, number>();
  const fields = new Map<string, ReadonlySet<string>>();

  const mark = (collection: Collection<unknown>) =>
    store.transaction(async (tx) => {
      const { docs } = await tx.query(collection, { limit: MOST });
      const places: string[] = [];
      const lost: string[] = [];
      for (const { id, data } of docs) {
        const doc = structuredClone(data) as Fields;
        if (!seen.has(`${collection.name}/${id}`)) {
          const known = fields.get(collection.name);
          const own = Object.keys(doc).filter((field) => known?.has(field) ?? true);
          fields.set(collection.name, new Set(own));
        }
        for (const [place, part] of placesIn(collection.name, id, doc)) {
          if (seen.has(place) && !Object.hasOwn(part, 'x_later') && !anew(place)) lost.push(place);
          places.push(place);
          Object.assign(part, MARK);
        }
        tx.put(collection, id, doc);
      }
      return { places, lost };
    });

  return {
    marked,
    fields,
    places: seen,
    visit: async () => {
      const visits = await Promise.all(COLLECTIONS.map((collection) => mark(collection)));
      for (const [i, { places }] of visits.entries()) {
        const name = COLLECTIONS[i]?.name ?? '';
        const young = places.filter((place) => !seen.has(place));
        for (const place of young) seen.add(place);
        marked.set(name, (marked.get(name) ?? 0) + young.length);
      }
      return visits.flatMap(({ lost }) => lost);
    },
  };
};
