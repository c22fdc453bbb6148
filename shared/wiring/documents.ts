import type { Migration } from '#drivers/store/sqlite/schema.ts';
import { COLLECTIONS } from '#services/model/collections.ts';
import { HASHED_IDS } from '#services/model/hashed-ids.ts';

const MIGRATIONS: Readonly<Record<number, Migration>> = {
  3: ({ move }) => {
    for (const [collection, moved] of Object.entries(HASHED_IDS)) move(collection, moved as (data: unknown) => never);
  },
};

/**
 * The versions of a store's documents: the version that is written, the earliest version that can read it, and the
 * upgrades from earlier versions. docs/adr/0016-documents.md says when each is raised.
 */
export const DOCUMENTS = {
  collections: COLLECTIONS,
  schemaVersion: 3,
  /** Releases before version 3 don't look for hashed ids, so they can't read these documents. */
  readableFrom: 3,
  migrations: MIGRATIONS,
} as const;
