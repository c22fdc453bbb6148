import { createHash } from 'node:crypto';
import type { Draft } from '../kernel/draft.ts';
import { rollupKey, rollups } from '../model/collections.ts';
import type { LedgerDoc, RollupDoc, RollupRow } from '../model/docs.ts';

/** A document of sums takes no new row past this many bytes, so that it stays under 100 KB. */
const FULL_BYTES = 90_000;
/** The first document of a month is filled first; then rows are spread over so many by their hash. */
const SPREAD = 255;

const dayOf = (entry: LedgerDoc): string => entry.from.slice(0, 10);

const isRowOf = (row: RollupRow, entry: LedgerDoc): boolean =>
  row.day === dayOf(entry) &&
  row.user === entry.user &&
  row.workspace_id === entry.workspace_id &&
  row.provider === entry.provider &&
  row.kind === entry.kind;

const hashOf = ({ user, workspace_id, provider, kind, ...entry }: LedgerDoc): number =>
  createHash('sha256')
    .update(JSON.stringify([entry.from.slice(0, 10), user, workspace_id, provider, kind]))
    .digest()
    .readUInt32BE(0);

/** Where a row may be, in order: it is in the first of these that has it, or goes into the first that has room. */
const partFor = (entry: LedgerDoc, tried: number): number =>
  tried === 0 ? 0 : 1 + ((hashOf(entry) + tried - 1) % SPREAD);

const emptyPart = (entry: LedgerDoc, part: number): RollupDoc => ({
  owner: entry.owner,
  month: entry.from.slice(0, 7),
  part,
  rows: [],
});

const rowOf = (entry: LedgerDoc, before: RollupRow | undefined): RollupRow => ({
  day: dayOf(entry),
  user: entry.user,
  workspace_id: entry.workspace_id,
  provider: entry.provider,
  kind: entry.kind,
  nano_usd: (before?.nano_usd ?? 0) + entry.nano_usd,
  milliseconds: (before?.milliseconds ?? 0) + entry.milliseconds,
  missing_prices: [...new Set([...(before?.missing_prices ?? []), ...entry.missing_prices])],
});

const addOne = async (draft: Draft, entry: LedgerDoc): Promise<void> => {
  for (let tried = 0; tried <= SPREAD; tried++) {
    const part = partFor(entry, tried);
    const key = rollupKey(entry.owner, entry.from.slice(0, 7), part);
    const doc = (await draft.get(rollups, key)) ?? emptyPart(entry, part);
    const at = doc.rows.findIndex((row) => isRowOf(row, entry));
    const isFull = at < 0 && tried < SPREAD && Buffer.byteLength(JSON.stringify(doc)) > FULL_BYTES;
    if (isFull) continue;
    const row = rowOf(entry, doc.rows[at]);
    draft.put(rollups, key, { ...doc, rows: at < 0 ? [...doc.rows, row] : doc.rows.with(at, row) });
    return;
  }
};

/** Adds ledger entries of one owner to the sums of their months, by day, user, workspace, provider and kind. */
export const addToRollups = async (draft: Draft, entries: readonly LedgerDoc[]): Promise<void> => {
  for (const entry of entries) await addOne(draft, entry);
};
