import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqliteStore } from '#drivers/store/sqlite/open.ts';
import { systemClock } from '#platform/clock.ts';
import { COLLECTIONS } from '#services/model/collections.ts';
import { SCHEMA_VERSION } from '#wiring/version.ts';
import { keptData } from '../data/kept.ts';
import { type Driven, driveEveryVerb } from './support/every-verb.ts';
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
    // A workspace whose data is gone, made again: a new one under the old name.
    release = laterRelease(platform.deps.store, (place) => place === 'workspaces/una:again');
    driven = await driveEveryVerb(platform, async (what) => {
      lost.push(...(await release.visit()).map((place) => `${what}: ${place}`));
    });
  });
  afterAll(() => platform?.close());

  it('keep the fields of a later one, whatever verb or job writes them', () => {
    expect(lost).toEqual([]);
    // And all of them were there and were written.
    expect(COLLECTIONS.map(({ name }) => name).filter((name) => !release.marked.get(name))).toEqual([]);
    expect(driven.verbs.filter((verb) => !driven.called.has(verb))).toEqual([]);
  });

  it('are read, where an earlier one wrote them, with every field that this one writes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'onmemos-earlier-'));
    await (await keptData('2661c1a')).unpack(folder);
    const path = join(folder, 'store.db');
    const store = await openSqliteStore({
      path,
      collections: COLLECTIONS,
      clock: systemClock,
      schemaVersion: SCHEMA_VERSION,
    });
    const missing = new Set<string>();
    for (const collection of COLLECTIONS) {
      const { docs } = await store.query(collection, { limit: 1000 });
      for (const { data } of docs)
        for (const field of release.fields.get(collection.name) ?? [])
          if (!Object.hasOwn(data as object, field))
            missing.add(`${collection.name}.${field} is left out by its upgrade`);
    }
    await store.close();
    await rm(folder, { recursive: true });
    expect([...missing]).toEqual([]);
  });
});
