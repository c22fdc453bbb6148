import type { Migration } from '#drivers/store/sqlite/schema.ts';
import { COLLECTIONS, sessions } from '#services/model/collections.ts';
import type { SessionDoc } from '#services/model/docs.ts';
import { HASHED_IDS } from '#services/model/hashed-ids.ts';
import { sessionTerms } from '#services/model/terms.ts';

const withTerms = (data: unknown): object => ({ ...(data as SessionDoc), terms: sessionTerms(data as SessionDoc) });

const MIGRATIONS: Readonly<Record<number, Migration>> = {
  3: ({ move }) => {
    for (const [collection, moved] of Object.entries(HASHED_IDS)) move(collection, moved as (data: unknown) => never);
  },
  // Made anew in all: a release before version 4 that changes labels leaves the terms as they were.
  4: ({ rewrite }) => rewrite(sessions.name, withTerms),
};

/**
 * The versions of a store's documents: the version that is written, the earliest version that can read it, and the
 * upgrades from earlier versions. docs/adr/0016-documents.md says when each is raised.
 */
export const DOCUMENTS = {
  collections: COLLECTIONS,
  schemaVersion: 4,
  /** Releases before version 3 don't look for hashed ids, so they can't read these documents. */
  readableFrom: 3,
  migrations: MIGRATIONS,
} as const;
