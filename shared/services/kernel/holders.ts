import type { Reader } from '#ports/store.ts';
import type { Draft } from './draft.ts';
import { everyDoc } from './pages.ts';
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
  const { owner, workspace_key } = doc;
  const order = { field: 'id', direction: 'asc' } as const;
  const holders: string[] = [];
  for await (const session of everyDoc(reader, sessions, { where: { workspace_owner: owner, live: true }, order }))
    if (session.workspace_key === workspace_key && session.mounts.includes(doc.id)) holders.push(session.id);
  return holders;
};
