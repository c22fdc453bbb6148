import { copyFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreFull } from '#ports/store.ts';
import { StoreTooNew } from '#drivers/store/sqlite/errors.ts';
import { compileQuery } from '#drivers/store/sqlite/query-sql.ts';
import type { MigrationTools } from '#drivers/store/sqlite/schema.ts';
import type { SqliteStore } from '#drivers/store/sqlite/sqlite-store.ts';
import type { Query } from '#ports/store.ts';
import { counters, items } from './fixture.ts';
import { openStoreIn, temporaryFolder } from './temporary.ts';

/** What the file is: its version, indexes, backups, and what a full disk does to it. */
describe('sqlite store file', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let store: SqliteStore;
  beforeEach(async () => {
    folder = await temporaryFolder();
    store = await openStoreIn(folder.path);
  });
  afterEach(async () => {
    await store.close();
    await folder.remove();
  });

  it('keeps documents, versions and their sequence over a reopening', async () => {
    await store.put(counters, 'a', { n: 1 });
    await store.put(counters, 'b', { n: 1 });
    const before = await store.get(counters, 'b');
    await store.delete(counters, 'b');
    await store.close();
    store = await openStoreIn(folder.path);
    expect((await store.get(counters, 'a'))?.data.n).toBe(1);
    await store.put(counters, 'b', { n: 1 });
    expect(Number((await store.get(counters, 'b'))?.version)).toBeGreaterThan(Number(before?.version));
  });

  it('syncs each commit to the disk before it answers', () => {
    const pragma = (name: string) => store.sql.database.prepare(`PRAGMA ${name}`).get();
    expect(pragma('journal_mode')).toEqual({ journal_mode: 'wal' });
    expect(pragma('synchronous')).toEqual({ synchronous: 2 });
  });

  it('is readable by its owner alone', async () => {
    await store.put(counters, 'a', { n: 1 });
    for (const name of await readdir(folder.path)) {
      expect([name, ((await stat(join(folder.path, name))).mode & 0o777).toString(8)]).toEqual([name, '600']);
    }
  });

  it('refuses everything once it is closed', async () => {
    await store.close();
    await expect(store.put(counters, 'a', { n: 1 })).rejects.toThrow(/closed/);
    await expect(store.transaction(async (tx) => tx.put(counters, 'a', { n: 1 }))).rejects.toThrow(/closed/);
    await expect(store.get(counters, 'a')).rejects.toThrow();
  });

  it('commits what was asked for before it closes', async () => {
    const puts = Array.from({ length: 1200 }, (_, n) => store.put(counters, `c${n}`, { n }));
    await store.close();
    await Promise.all(puts);
    store = await openStoreIn(folder.path);
    expect((await store.query(counters, { limit: 1000 })).next).not.toBeNull();
    expect((await store.get(counters, 'c1199'))?.data.n).toBe(1199);
  });

  it('refuses a newer schema with a sentence, and a file of another program', async () => {
    await store.close();
    const newer = await openStoreIn(folder.path, { schemaVersion: 7 });
    await newer.close();
    const refused = openStoreIn(folder.path, { schemaVersion: 6 });
    await expect(refused).rejects.toBeInstanceOf(StoreTooNew);
    await expect(refused).rejects.toThrow(/newer version of OnMemOS \(its documents need schema 7, this one knows 6\)/);
    const path = join(folder.path, 'foreign.db');
    const foreign = new DatabaseSync(path);
    foreign.exec('CREATE TABLE t (a)');
    foreign.close();
    await expect(openStoreIn(folder.path, { path })).rejects.toThrow(/another program/);
    store = await openStoreIn(folder.path, { schemaVersion: 7 });
  });

  it('migrates step by step in one transaction, and not at all where a step fails', async () => {
    await Promise.all(Array.from({ length: 1100 }, (_, n) => store.put(counters, `c${n}`, { n })));
    await store.close();
    const double = (data: unknown) => ({ n: Number(Reflect.get(Object(data), 'n')) * 2 });
    const migrations = {
      2: ({ rewrite }: MigrationTools) => {
        rewrite('counters', (data, id) => (id === 'c0' ? null : id === 'c1' ? undefined : double(data)));
      },
      4: ({ rewrite }: MigrationTools) => {
        rewrite('counters', double);
      },
    };
    const broken = { ...migrations, 4: () => expect.unreachable() };
    await expect(openStoreIn(folder.path, { schemaVersion: 4, migrations: broken })).rejects.toThrow();
    store = await openStoreIn(folder.path, { schemaVersion: 4, migrations });
    expect(await store.get(counters, 'c0')).toBeNull();
    expect((await store.get(counters, 'c1'))?.data.n).toBe(2);
    expect((await store.get(counters, 'c1099'))?.data.n).toBe(4396);
    const order = { field: 'n', direction: 'desc' } as const;
    expect((await store.query(counters, { order, limit: 1 })).docs[0]?.data.n).toBe(4396);
    await store.close();
    store = await openStoreIn(folder.path, { schemaVersion: 4, migrations });
    expect((await store.get(counters, 'c1099'))?.data.n).toBe(4396);
  });

  it('moves documents to other ids, each once, whatever order the new ids have', async () => {
    await Promise.all(Array.from({ length: 1100 }, (_, n) => store.put(counters, `c${n}`, { n })));
    await store.close();
    let moved = 0;
    const migrations = {
      2: ({ move }: MigrationTools) => {
        move('counters', (data, id) => {
          const n = Number(Reflect.get(Object(data), 'n'));
          if (id.startsWith('c')) moved += 1;
          // Before and after the place where the walk is.
          return { id: `${n % 2 === 0 ? 'a' : 'z'}${n}`, data: { n } };
        });
      },
    };
    store = await openStoreIn(folder.path, { schemaVersion: 2, migrations });
    expect(moved).toBe(1100);
    expect(await store.get(counters, 'c7')).toBeNull();
    expect((await store.get(counters, 'a1098'))?.data.n).toBe(1098);
    expect((await store.get(counters, 'z1099'))?.data.n).toBe(1099);
    expect((await store.query(counters, { limit: 1000 })).docs).toHaveLength(1000);
  });

  it('builds indexes that are newly declared and drops those that no longer are', async () => {
    await store.put(counters, 'a', { n: 1 });
    await store.close();
    const changed = { name: 'counters', indexes: [['m'], ['n', 'm']] };
    store = await openStoreIn(folder.path, { collections: [changed] });
    const byN = { field: 'n', direction: 'asc' } as const;
    await expect(store.query(changed, { order: byN, limit: 1 })).rejects.toThrow('["n"]');
    await store.put(changed, 'b', { n: 1, m: 2 });
    const order = { field: 'm', direction: 'asc' } as const;
    expect((await store.query(changed, { where: { n: 1 }, order, limit: 1 })).docs).toHaveLength(1);
    const names = store.sql.database
      .prepare("SELECT name FROM sqlite_master WHERE name LIKE 'ix$counters%' ORDER BY name")
      .all();
    expect(names.map((row) => row.name)).toEqual(['ix$counters$m', 'ix$counters$n$m']);
  });

  it('runs every kind of query along its index, never by a scan or a sort', async () => {
    await Promise.all(
      Array.from({ length: 50 }, (_, n) => store.put(items, `i${n}`, { owner: 'x', rank: n, active: true, tag: n })),
    );
    const order = (direction: 'asc' | 'desc') => ({ field: 'rank', direction });
    const base: Omit<Query, 'limit'>[] = [
      {},
      { where: { owner: 'x' } },
      { where: { tag: 1 } },
      { order: order('asc') },
      { order: order('desc') },
      { where: { owner: 'x' }, order: order('asc') },
      { where: { owner: 'x', active: true }, order: order('desc') },
      { contains: { list: 'marks', text: 'red' }, order: order('desc') },
      { contains: { list: 'marks', text: 'red' }, where: { owner: 'x' }, order: order('asc') },
    ];
    const ranges = (query: Omit<Query, 'limit'>): Query['range'][] =>
      query.order
        ? [undefined, { lte: 20 }, { gt: 3 }, { gte: 3, lt: 40 }, { lt: 'a' }]
        : [undefined, { gt: 'i2' }, { lte: 'i4' }];
    let looked = 0;
    for (const query of base) {
      for (const range of ranges(query)) {
        const first: Query = { ...query, ...(range ? { range } : {}), limit: 2 };
        const next = (await store.query(items, first)).next;
        for (const whole of [first, ...(next === null ? [] : [{ ...first, cursor: next }])]) {
          for (const { sql, params } of compileQuery(items, whole)) {
            const text = sql('id, version, body');
            const plan = store.sql.database.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...params, 3);
            const details = plan.map((row) => String(row.detail));
            expect(details, text).toHaveLength(query.contains ? 2 : 1);
            const searched = query.contains ? 'in_items\\$marks\\$rank USING PRIMARY KEY' : 'doc_items USING INDEX';
            expect(details[0], text).toMatch(new RegExp(`^SEARCH ${searched} `));
            if (query.contains) expect(details[1], text).toMatch(/^SEARCH doc_items USING INDEX .*\bid=\?\)$/);
            looked += 1;
          }
        }
      }
    }
    expect(looked).toBeGreaterThan(50);
  });

  it('backs up while it is written to, restorable by copying the file', async () => {
    await Promise.all(Array.from({ length: 2000 }, (_, n) => store.put(items, `i${n}`, { owner: 'x'.repeat(300), n })));
    let writing = true;
    const writer = (async () => {
      for (let n = 0; writing; n++) {
        await store.transaction(async (tx) => {
          tx.put(counters, 'left', { n });
          tx.put(counters, 'right', { n });
        });
      }
    })();
    const target = join(folder.path, 'backup.db');
    await store.backup(target);
    expect((await stat(target)).mode & 0o077).toBe(0);
    await store.backup(target);
    writing = false;
    await writer;
    const elsewhere = await temporaryFolder();
    await copyFile(target, join(elsewhere.path, 'store.db'));
    const restored = await openStoreIn(elsewhere.path);
    expect(restored.sql.database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    expect((await restored.get(items, 'i1999'))?.data.n).toBe(1999);
    expect((await restored.get(counters, 'left'))?.data).toEqual((await restored.get(counters, 'right'))?.data);
    await restored.close();
    await elsewhere.remove();
    expect((await readdir(folder.path)).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('says StoreFull when there is no room, keeps nothing of that write, and goes on once there is room', async () => {
    await store.put(items, 'kept', { owner: 'ann' });
    const { database } = store.sql;
    const pages = Number(database.prepare('PRAGMA page_count').get()?.page_count);
    database.exec(`PRAGMA max_page_count = ${pages + 20}`);
    const big = store.transaction(async (tx) => {
      for (let n = 0; n < 10; n++) tx.put(items, `big${n}`, { note: 'x'.repeat(50_000) });
    });
    const small = store.put(counters, 'small', { n: 1 });
    await expect(big).rejects.toBeInstanceOf(StoreFull);
    await small;
    expect((await store.query(items, { range: { gte: 'big', lt: 'bih' }, limit: 10 })).docs).toEqual([]);
    expect((await store.get(items, 'kept'))?.data.owner).toBe('ann');
    expect((await store.get(counters, 'small'))?.data.n).toBe(1);
    database.exec('PRAGMA max_page_count = 1000000');
    await store.put(items, 'big0', { note: 'x'.repeat(50_000) });
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  });
});
