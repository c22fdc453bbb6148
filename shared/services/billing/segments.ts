import type { Segment } from '#domain/ledger.ts';
import { iso } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import type { Draft } from '../kernel/draft.ts';
import { ledger } from '../model/collections.ts';
import type { LedgerDoc } from '../model/docs.ts';
import { addToRollups } from './rollups.ts';

/** Whose segments they are. */
export type Billee = Pick<
  LedgerDoc,
  'owner' | 'user' | 'workspace_id' | 'session_id' | 'storage_id' | 'storage' | 'provider'
>;

/** Writes segments into the ledger and into the sums of their months, in the caller's transaction. */
export const writeSegments = async (
  deps: Deps,
  draft: Draft,
  segments: readonly Segment[],
  billee: Billee,
): Promise<void> => {
  if (segments.length === 0) return;
  const entries: LedgerDoc[] = segments.map((segment) => ({ ...segment, ...billee, at: iso(deps.clock.now()) }));
  for (const entry of entries) draft.create(ledger, entry.id, entry);
  await addToRollups(draft, entries);
};
