import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreTooNew } from '#drivers/store/sqlite/errors.ts';
import { checkStoreFile } from '#drivers/store/sqlite/inspect.ts';
import type { SqliteStoreOptions } from '#drivers/store/sqlite/open.ts';
import type { MigrationTools } from '#drivers/store/sqlite/schema.ts';
import type { Collection } from '#ports/store.ts';
import { openStoreIn, temporaryFolder } from './temporary.ts';

interface Early {
  readonly name: string;
}
interface Late extends Early {
  readonly colour: string | null;
}
interface Release<T> {
  readonly docs: Collection<T>;
  readonly options: Partial<SqliteStoreOptions>;
}

const earlyDocs: Collection<Early> = { name: 'docs', indexes: [['name']] };
const lateDocs: Collection<Late> = {
  name: 'docs',
  indexes: [['name'], ['colour']],
  upgrade: (stored) => ({ ...stored, colour: Object.hasOwn(stored, 'colour') ? stored.colour : 'red' }),
};
/** A collection that the release before did not have. */
const others: Collection<Early> = { name: 'others', indexes: [] };

/** What queries are to see is written into the documents of earlier releases, as often as it takes. */
const fillIn = ({ rewrite }: MigrationTools): void =>
  rewrite('docs', (data) =>
    Object.hasOwn(data as object, 'colour') ? undefined : { ...(data as Early), colour: 'red' },
  );

const early: Release<Early> = { docs: earlyDocs, options: { collections: [earlyDocs], schemaVersion: 1 } };
/** Adds a field, an index over it and a collection: what the release before can read. */
const late: Release<Late> = {
  docs: lateDocs,
  options: { collections: [lateDocs, others], schemaVersion: 2, readableFrom: 1, migrations: { 2: fillIn } },
};

/** Releases that take turns with one file. */
describe('sqlite store between releases', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  const openedBy = async <T, R>(
    { docs, options }: Release<T>,
    work: (store: Awaited<ReturnType<typeof openStoreIn>>, docs: Collection<T>) => Promise<R>,
  ): Promise<R> => {
    const store = await openStoreIn(folder.path, options);
    try {
      return await work(store, docs);
    } finally {
      await store.close();
    }
  };
  const redOnes = () =>
    openedBy(late, async (store, docs) => {
      const page = await store.query(docs, { where: { colour: 'red' }, limit: 10 });
      return page.docs.map(({ id }) => id);
    });

  it('opens what the next release wrote, where that only added', async () => {
    await openedBy(early, (store, docs) => store.put(docs, 'a', { name: 'a' }));
    await openedBy(late, async (store, docs) => {
      expect((await store.get(docs, 'a'))?.data).toEqual({ name: 'a', colour: 'red' });
      await store.put(docs, 'b', { name: 'b', colour: 'blue' });
      await store.put(others, 'o', { name: 'o' });
    });
    checkStoreFile(join(folder.path, 'store.db'), 1);
    await openedBy(early, async (store, docs) => {
      const all = await store.query(docs, { order: { field: 'name', direction: 'asc' }, limit: 10 });
      for (const { id, data } of all.docs) await store.put(docs, id, { ...data, name: data.name.toUpperCase() });
    });
    await openedBy(late, async (store, docs) => {
      const all = await store.query(docs, { limit: 10 });
      expect(all.docs.map(({ data }) => data)).toEqual([
        { name: 'A', colour: 'red' },
        { name: 'B', colour: 'blue' },
      ]);
      expect((await store.get(others, 'o'))?.data).toEqual({ name: 'o' });
    });
  });

  it('fills in for queries what an earlier release left out in between', async () => {
    await openedBy(early, (store, docs) => store.put(docs, 'a', { name: 'a' }));
    expect(await redOnes()).toEqual(['a']);
    await openedBy(early, (store, docs) => store.put(docs, 'b', { name: 'b' }));
    expect(await redOnes()).toEqual(['a', 'b']);
  });

  it('refuses what it can’t read any more, also after a release in between has opened it', async () => {
    await openedBy(late, (store, docs) => store.put(docs, 'a', { name: 'a', colour: 'red' }));
    const third = { docs: lateDocs, options: { ...late.options, schemaVersion: 3, readableFrom: 2 } };
    await openedBy(third, (store, docs) => store.put(docs, 'c', { name: 'c', colour: 'red' }));
    const refused = openedBy(early, async () => {});
    await expect(refused).rejects.toBeInstanceOf(StoreTooNew);
    await expect(refused).rejects.toThrow(/its documents need schema 2, this one knows 1/);
    // What the third wrote is still there for the second.
    expect(await redOnes()).toEqual(['a', 'c']);
    await expect(openedBy(early, async () => {})).rejects.toBeInstanceOf(StoreTooNew);
    expect(() => checkStoreFile(join(folder.path, 'store.db'), 1)).toThrow(StoreTooNew);
  });

  it('goes by the version alone in a file that says no more', async () => {
    await openedBy(late, (store, docs) => store.put(docs, 'a', { name: 'a', colour: 'red' }));
    const database = new DatabaseSync(join(folder.path, 'store.db'));
    database.exec("DELETE FROM meta WHERE key = 'readable_from'");
    database.close();
    await expect(openedBy(early, async () => {})).rejects.toThrow(/its documents need schema 2, this one knows 1/);
  });
});
