import type { Reader } from '#ports/store.ts';
import type { Draft } from './draft.ts';
import { sessions } from '../model/collections.ts';
import type { StorageDoc } from '../model/docs.ts';

/**
 * The live sessions that mount a volume or bucket. They are read for a document of 0.1.0 alone, until it is mounted
 * next: that release had the embedded store, which bounds no transaction, and nothing is written here.
 */
export const holdersOf = async (
  reader: Pick<Draft, 'query'> | Pick<Reader, 'query'>,
  doc: StorageDoc,
): Promise<readonly string[]> => {
  if (doc.held_by !== null) return doc.held_by;
  const page = await reader.query(sessions, {
    where: { workspace_key: doc.workspace_key, live: true },
    order: { field: 'id', direction: 'asc' },
    limit: 1000,
  });
  return page.docs.filter((session) => session.data.mounts.includes(doc.id)).map((session) => session.id);
};
