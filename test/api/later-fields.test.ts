import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqliteStore } from '#drivers/store/sqlite/open.ts';
import { systemClock } from '#platform/clock.ts';
import { COLLECTIONS, commits, sessions, workspaceKey } from '#services/model/collections.ts';
import { termOf } from '#services/model/terms.ts';
import { DOCUMENTS } from '#wiring/documents.ts';
import { keptData } from '../data/kept.ts';
import { type Driven, driveEveryVerb, MARK } from './support/every-verb.ts';
import { type LaterRelease, laterRelease } from './support/later-release.ts';
import { openPlatform, type Platform } from './support/platform.ts';

/** How documents are read and written between releases: docs/adr/0016-documents.md. */
describe('documents of another release', () => {
  let platform: Platform;
  let release: LaterRelease;
  let driven: Driven;
  const lost: string[] = [];
  beforeAll(async () => {
    platform = await openPlatform();
    const again = `workspaces/${workspaceKey(`una-${MARK}`, `again-${MARK}`)}`;
    // A workspace whose data is gone, made again: a new one under the old name.
    release = laterRelease(platform.deps.store, (place) => place === again);
    driven = await driveEveryVerb(platform, async (what) => {
      lost.push(...(await release.visit()).map((place) => `${what}: ${place}`));
    });
  });
  afterAll(() => platform?.close());

  it('keep the fields of a later one, whatever verb or job writes them', () => {
    expect(lost).toEqual([]);
    // And all of them were there and were written.
    const byServices = COLLECTIONS.filter(({ name }) => name !== commits.name);
    expect(byServices.map(({ name }) => name).filter((name) => !release.marked.get(name))).toEqual([]);
    expect(driven.verbs.filter((verb) => !driven.called.has(verb))).toEqual([]);
  });

  it('have nothing that a person has named in an id', () => {
    expect(release.places.size).toBeGreaterThan(100);
    expect([...release.places].filter((place) => place.includes(MARK))).toEqual([]);
  });

  it('of an earlier one have none in theirs either, once opened', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'onmemos-earlier-'));
    const data = await keptData('2661c1a');
    await data.unpack(folder);
    const store = await openSqliteStore({ path: join(folder, 'store.db'), ...DOCUMENTS, clock: systemClock });
    const told: string[] = [];
    const named = Object.keys(data.expected.owners).map((name) => name.split(' ')[0] ?? '');
    for (const collection of COLLECTIONS) {
      let count = 0;
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page = await store.query(collection, { limit: 1000, ...(cursor === undefined ? {} : { cursor }) });
        count += page.docs.length;
        for (const { id } of page.docs)
          if (named.some((name) => id.split(/[:/]/).includes(name))) told.push(`${collection.name}/${id}`);
        cursor = page.next;
      }
      expect([collection.name, count]).toEqual([collection.name, data.expected.documents[collection.name] ?? 0]);
    }
    await store.close();
    await rm(folder, { recursive: true });
    expect(named.length).toBeGreaterThan(1);
    expect(told).toEqual([]);
  });

  it('are read, where an earlier one wrote them, with every field that this one writes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'onmemos-earlier-'));
    await (await keptData('2661c1a')).unpack(folder);
    const path = join(folder, 'store.db');
    const store = await openSqliteStore({
      path,
      ...DOCUMENTS,
      clock: systemClock,
    });
    const missing = new Set<string>();
    for (const collection of COLLECTIONS) {
      const { docs } = await store.query(collection, { limit: 1000 });
      for (const { data } of docs)
        for (const field of release.fields.get(collection.name) ?? [])
          if (!Object.hasOwn(data as object, field))
            missing.add(`${collection.name}.${field} is left out by its upgrade`);
    }
    // A query sees what is stored, not what a read fills in.
    const { docs: all } = await store.query(sessions, { limit: 1000 });
    const [first] = all.filter(({ data }) => data.recent);
    const found = await store.query(sessions, {
      ...{ where: { recent: true }, order: { field: 'id', direction: 'desc' }, limit: 1000 },
      contains: { list: 'terms', text: termOf(first?.data.namespace ?? '', null) ?? '' },
    });
    const wanted = all.filter(({ data }) => data.recent && data.namespace === first?.data.namespace);
    expect(found.docs.map(({ id }) => id)).toEqual(
      wanted
        .map(({ id }) => id)
        .toSorted()
        .reverse(),
    );
    expect(wanted.length).toBeGreaterThan(0);
    await store.close();
    await rm(folder, { recursive: true });
    expect([...missing]).toEqual([]);
  });
});
