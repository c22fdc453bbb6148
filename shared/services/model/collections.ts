import { nameHash } from '#domain/names.ts';
import type { Collection, CommitDoc } from '#ports/store.ts';
import type {
  AccountDoc,
  AuditDoc,
  ExecDoc,
  IdempotencyDoc,
  IntentDoc,
  KeyDoc,
  LeaseDoc,
  LedgerDoc,
  MemberDoc,
  PlaceDoc,
  RollupDoc,
  SessionDoc,
  StorageDoc,
  TicketDoc,
  UserDoc,
  WebhookDoc,
  WorkspaceDoc,
} from './docs.ts';
import { upgradeAccount, upgradeExec, upgradeLedger, upgradeSession, upgradeStorage } from './upgrade.ts';

/** Every collection with the indexes that its queries need. */
export const users: Collection<UserDoc> = { name: 'users', indexes: [['user_id']] };
export const accounts: Collection<AccountDoc> = { name: 'accounts', indexes: [], upgrade: upgradeAccount };
export const workspaces: Collection<WorkspaceDoc> = {
  name: 'workspaces',
  indexes: [
    ['owner', 'workspace_id'],
    ['owner', 'status', 'workspace_id'],
    ['owner', 'retained_until'],
    ['status'],
    ['retained_until'],
  ],
};
export const members: Collection<MemberDoc> = {
  name: 'members',
  indexes: [
    ['workspace_key', 'member_id'],
    ['member_id', 'workspace_key'],
  ],
};
export const storage: Collection<StorageDoc> = {
  name: 'storage',
  indexes: [
    ['workspace_key', 'kind', 'name'],
    ['workspace_key', 'name'],
    ['owner', 'name'],
    ['owner', 'id'],
    ['key'],
    ['meter_due'],
  ],
  upgrade: upgradeStorage,
};
export const sessions: Collection<SessionDoc> = {
  name: 'sessions',
  indexes: [
    ['recent', 'id desc'],
    ['user', 'recent', 'id desc'],
    ['workspace_owner', 'recent', 'id desc'],
    ['workspace_key', 'recent', 'id desc'],
    ['status', 'id desc'],
    ['user', 'status', 'id desc'],
    ['workspace_owner', 'status', 'id desc'],
    ['workspace_key', 'status', 'id desc'],
    ['workspace_owner', 'live', 'id'],
    ['live', 'id'],
    ['live_until'],
    ['meter_due'],
    ['recent', 'ended_at'],
    ['purge_at'],
    ['terms', 'recent', 'id desc'],
    ['terms', 'user', 'recent', 'id desc'],
    ['terms', 'workspace_owner', 'recent', 'id desc'],
    ['terms', 'workspace_key', 'recent', 'id desc'],
    ['terms', 'status', 'id desc'],
    ['terms', 'user', 'status', 'id desc'],
    ['terms', 'workspace_owner', 'status', 'id desc'],
    ['terms', 'workspace_key', 'status', 'id desc'],
  ],
  lists: ['terms'],
  upgrade: upgradeSession,
};
export const intents: Collection<IntentDoc> = { name: 'intents', indexes: [['next_at'], ['created_at'], ['attempt']] };
export const execs: Collection<ExecDoc> = {
  name: 'execs',
  indexes: [
    ['session_id', 'started_at'],
    ['session_id', 'status', 'started_at'],
  ],
  upgrade: upgradeExec,
};
export const keys: Collection<KeyDoc> = { name: 'keys', indexes: [['user_id', 'key_id']] };
export const webhooks: Collection<WebhookDoc> = { name: 'webhooks', indexes: [['user_id', 'webhook_id']] };
export const tickets: Collection<TicketDoc> = { name: 'tickets', indexes: [['purge_at']] };
export const ledger: Collection<LedgerDoc> = {
  name: 'ledger',
  permanent: true,
  indexes: [['owner', 'from'], ['from']],
  upgrade: upgradeLedger,
};
export const rollups: Collection<RollupDoc> = { name: 'rollups', indexes: [['owner', 'month'], ['month']] };
export const places: Collection<PlaceDoc> = { name: 'places', indexes: [] };
export const leases: Collection<LeaseDoc> = { name: 'leases', indexes: [] };
export const audit: Collection<AuditDoc> = {
  name: 'audit',
  permanent: true,
  indexes: [
    ['session_id', 'id'],
    ['session_id', 'id desc'],
    ['actor_user', 'id desc'],
    ['actor_user', 'action', 'id desc'],
    ['action', 'id desc'],
    ['id desc'],
  ],
};
export const idempotency: Collection<IdempotencyDoc> = { name: 'idempotency', indexes: [['purge_at']] };
/** Proofs that transactions were committed, in stores whose answers can be lost. */
export const commits: Collection<CommitDoc> = { name: 'commits', indexes: [['purge_at']] };

export const COLLECTIONS: readonly Collection<unknown>[] = [
  users,
  accounts,
  workspaces,
  members,
  storage,
  sessions,
  intents,
  execs,
  keys,
  webhooks,
  tickets,
  ledger,
  rollups,
  places,
  leases,
  audit,
  idempotency,
  commits,
];

/**
 * Ids of documents. What a person has named is in them by its hash alone: a name may hold what no store takes as an id,
 * and whom it names is not for logs and paths. The document itself has the name, in its fields.
 */
export const userKey = (userId: string): string => nameHash(userId);
export const workspaceKey = (owner: string, workspaceId: string): string => nameHash(owner, workspaceId);
export const memberKey = (workspace: string, memberId: string): string => `${workspace}:${nameHash(memberId)}`;
export const storageKey = (workspace: string, kind: 'volume' | 'bucket', name: string): string =>
  `${workspace}:${kind}:${nameHash(name)}`;
export const rollupKey = (owner: string, month: string, part: number): string => `${userKey(owner)}:${month}:${part}`;
export const execKey = (sessionId: string, execId: string): string => `${sessionId}:${execId}`;
export const intentKey = (sessionId: string, generation: number): string => `${sessionId}:${generation}`;
