import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SqliteStoreOptions } from '#drivers/store/sqlite/open.ts';
import type { SqliteStore } from '#drivers/store/sqlite/sqlite-store.ts';
import type { Collection } from '#ports/store.ts';
import { idsOf } from './fixture.ts';
import { openStoreIn, temporaryFolder } from './temporary.ts';

interface Post {
  readonly tags: readonly string[];
  readonly day: number;
  readonly open?: boolean;
}

const plain: Collection<Post> = { name: 'posts', indexes: [['day']] };
const tagged: Collection<Post> = { name: 'posts', indexes: [['day'], ['tags', 'day']], lists: ['tags'] };
const wider: Collection<Post> = { ...tagged, indexes: [...tagged.indexes, ['tags', 'open', 'day']] };

const BY_DAY = { field: 'day', direction: 'asc' } as const;

/** The tables in which SQLite keeps lists, over releases that take turns with one file. */
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const opened = async <R>(
  posts: Collection<Post>,
  work: (store: SqliteStore) => Promise<R>,
  options: Partial<SqliteStoreOptions> = {},
): Promise<R> => {
  const store = await openStoreIn(folder.path, { collections: [posts], ...options });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
};
const about = (posts: Collection<Post>, text: string, where: Readonly<Record<string, boolean>> = {}) =>
  opened(posts, async (store) =>
    idsOf(
      (
        await store.query(posts, {
          ...{ where, contains: { list: 'tags', text }, limit: 99 },
          order: BY_DAY,
        })
      ).docs,
    ),
  );
const made = (store: SqliteStore): readonly string[] =>
  store.sql.database
    .prepare("SELECT name FROM sqlite_master WHERE name LIKE 'in!_posts%' ESCAPE '!'")
    .all()
    .map(({ name }) => String(name));

it('are made from the documents that an earlier release wrote', async () => {
  await opened(plain, async (store) => {
    await store.put(plain, 'a', { tags: ['x', 'y'], day: 2 });
    await store.put(plain, 'b', { tags: ['x'], day: 1 });
  });
  expect(await about(tagged, 'x')).toEqual(['b', 'a']);
});

it('follow what the earlier release writes when it comes back', async () => {
  await opened(tagged, (store) => store.put(tagged, 'a', { tags: ['x'], day: 1 }));
  await opened(plain, async (store) => {
    await store.put(plain, 'b', { tags: ['x'], day: 0 });
    await store.put(plain, 'a', { tags: ['y'], day: 1 });
  });
  expect(await about(tagged, 'x')).toEqual(['b']);
  expect(await about(tagged, 'y')).toEqual(['a']);
});

it('follow a migration that rewrites documents and gives them other ids', async () => {
  await opened(tagged, (store) => store.put(tagged, 'a', { tags: ['x'], day: 1 }));
  const migrations: SqliteStoreOptions['migrations'] = {
    2: ({ move }) => move('posts', (data) => ({ id: 'moved', data: { ...(data as Post), tags: ['x', 'z'] } })),
  };
  await opened(tagged, async () => undefined, { schemaVersion: 2, migrations });
  const options = { schemaVersion: 2, migrations };
  const of = (text: string) =>
    opened(
      tagged,
      async (store) =>
        idsOf((await store.query(tagged, { contains: { list: 'tags', text }, order: BY_DAY, limit: 9 })).docs),
      options,
    );
  expect(await of('x')).toEqual(['moved']);
  expect(await of('z')).toEqual(['moved']);
});

it('are made once, made anew with another index, and dropped with their declaration', async () => {
  await opened(tagged, async (store) => {
    await store.put(tagged, 'a', { tags: ['x'], day: 1, open: true });
    // A row of no document shows whether the table is made anew.
    store.sql.database.exec(`INSERT INTO "in_posts$tags$day" (text, "f$day", doc_id) VALUES ('mark', 1, 'none')`);
  });
  const marks = (store: SqliteStore) =>
    store.sql.database.prepare(`SELECT 1 FROM "in_posts$tags$day" WHERE text = 'mark'`).all().length;
  expect(await opened(tagged, async (store) => marks(store))).toBe(1);
  expect(await opened(wider, async (store) => marks(store))).toBe(0);
  expect(await about(wider, 'x', { open: true })).toEqual(['a']);
  expect(await about(wider, 'x', { open: false })).toEqual([]);
  const none: Collection<Post> = { name: 'posts', indexes: [['day']], lists: [] };
  await opened(wider, async (store) => expect(made(store).length).toBe(4));
  await opened(none, async (store) => {
    expect(made(store)).toEqual([]);
    await store.put(none, 'b', { tags: ['x'], day: 2 });
  });
  expect(await about(tagged, 'x')).toEqual(['a', 'b']);
});

it('are not written where nothing that they have has changed', async () => {
  await opened(tagged, async (store) => {
    await store.put(tagged, 'a', { tags: ['x', 'y'], day: 1 });
    const total = () => Number(store.sql.database.prepare('SELECT total_changes() AS n').get()?.['n']);
    const cost = async (post: Post): Promise<number> => {
      const before = total();
      await store.put(tagged, 'a', post);
      return total() - before;
    };
    const same = await cost({ tags: ['x', 'y'], day: 1, open: true });
    // Two rows go and two come.
    expect(await cost({ tags: ['x', 'y'], day: 2, open: true })).toBe(same + 4);
  });
});
