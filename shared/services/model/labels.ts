import type { LedgerDoc, StorageDoc, WorkspaceDoc } from './docs.ts';

/** A workspace as the audit log names it. */
export const workspaceLabel = ({ owner, workspace_id }: Pick<WorkspaceDoc, 'owner' | 'workspace_id'>): string =>
  `${owner}:${workspace_id}`;

/** A volume or bucket as the audit log and the report of costs name it. */
export const storageLabel = (at: Pick<StorageDoc, 'owner' | 'workspace_id' | 'kind' | 'name'>): string =>
  `${workspaceLabel(at)}:${at.kind}:${at.name}`;

/** The same of an entry of the ledger; null where it is of a session, or a sum of many. */
export const billedStorageLabel = (entry: Pick<LedgerDoc, 'owner' | 'workspace_id' | 'storage'>): string | null =>
  entry.storage === null ? null : storageLabel({ ...entry, ...entry.storage });
