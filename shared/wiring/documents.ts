import type { Migration } from '#drivers/store/sqlite/schema.ts';
import { COLLECTIONS } from '#services/model/collections.ts';
import { HASHED_IDS } from '#services/model/hashed-ids.ts';

const MIGRATIONS: Readonly<Record<number, Migration>> = {
  3: ({ move }) => {
    for (const [collection, moved] of Object.entries(HASHED_IDS)) move(collection, moved as (data: unknown) => never);
  },
};

/**
 * What a store has of documents: the version that is written, the earliest that can read it, and the way from earlier
 * ones. docs/adr/0016-documents.md says when each is raised.
 */
export const DOCUMENTS = {
  collections: COLLECTIONS,
  schemaVersion: 3,
  /** A release before 3 finds nothing under a hashed id. */
  readableFrom: 3,
  migrations: MIGRATIONS,
} as const;
