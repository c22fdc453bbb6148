import type { Clock } from '#ports/clock.ts';
import type { GcsClient } from './client.ts';

const MIB = 1024 * 1024;
/** Objects that are erased at once. */
const ABREAST = 32;
/** What of each object is asked for: a page of 1,000 whole descriptions has a megabyte. */
const FIELDS = 'items(name,generation,size),nextPageToken';

interface StoredObject {
  readonly name: string;
  readonly generation: string;
  readonly size: number;
}

interface ObjectPage {
  readonly objects: readonly StoredObject[];
  /** Where the next page begins; null where there is none. */
  readonly next: string | null;
}

/** With `fields` the client hands on the items of the answer as they are. */
const objectOf = (item: unknown): StoredObject => {
  const { name, generation, size } = Object(item) as { name?: unknown; generation?: unknown; size?: unknown };
  return { name: String(name), generation: String(generation), size: Number(size) };
};

/**
 * A page of what a bucket holds, earlier generations included: they are billed too, and a bucket that has one can't be
 * deleted. null if there is no such bucket.
 */
const objectPage = async (
  client: GcsClient,
  bucket: string,
  maxResults: number,
  pageToken: string | null,
): Promise<ObjectPage | null> => {
  const query = {
    autoPaginate: false,
    versions: true,
    fields: FIELDS,
    maxResults,
    ...(pageToken === null ? {} : { pageToken }),
  };
  const answer = await client.call('objects', bucket, (storage) => storage.bucket(bucket).getFiles(query));
  if (answer === null) return null;
  const [items, following] = answer;
  const { pageToken: next } = Object(following) as { pageToken?: unknown };
  return { objects: items.map(objectOf), next: typeof next === 'string' && next !== '' ? next : null };
};

export const firstObjects = (client: GcsClient, bucket: string, most: number): Promise<ObjectPage | null> =>
  objectPage(client, bucket, most, null);

/** Empty pages that are passed over. */
const MOST_EMPTY = 10;

/**
 * The first page that has an object: a page may be empty though others follow. If it is empty, none has one; if it has
 * none and others follow, that is not known yet. null if there is no such bucket.
 */
export const someObjects = async (client: GcsClient, bucket: string, most: number): Promise<ObjectPage | null> => {
  let page = await objectPage(client, bucket, most, null);
  for (let passed = 0; page?.objects.length === 0 && page.next !== null && passed < MOST_EMPTY; passed++)
    page = await objectPage(client, bucket, most, page.next);
  return page;
};

/** MiB of all objects; null if there is no such bucket, or the bounds are met first. */
export const sizeOfObjects = async (
  client: GcsClient,
  clock: Pick<Clock, 'monotonic'>,
  bucket: string,
  bounds: { readonly pages: number; readonly page: number; readonly end: number },
): Promise<number | null> => {
  let bytes = 0;
  let token: string | null = null;
  for (let read = 0; read < bounds.pages && clock.monotonic() < bounds.end; read++) {
    const page: ObjectPage | null = await objectPage(client, bucket, bounds.page, token);
    if (page === null) return null;
    for (const { size } of page.objects) bytes += size;
    if (page.next === null) return bytes / MIB;
    token = page.next;
  }
  return null;
};

/** Erases these objects, so many at once. Those that are gone are fine. @throws the first failure, after the others' end */
export const eraseSome = async (client: GcsClient, bucket: string, objects: readonly StoredObject[]): Promise<void> => {
  for (let at = 0; at < objects.length; at += ABREAST) {
    const ends = await Promise.allSettled(
      objects
        .slice(at, at + ABREAST)
        .map(({ name, generation }) =>
          client.call('erase', bucket, (storage) => storage.bucket(bucket).file(name, { generation }).delete()),
        ),
    );
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  }
};
