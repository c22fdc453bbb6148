import { memberKey, rollupKey, storageKey, userKey, workspaceKey } from './collections.ts';
import type {
  AccountDoc,
  IdempotencyDoc,
  LedgerDoc,
  LiveNamespace,
  MemberDoc,
  RollupDoc,
  SessionDoc,
  StorageDoc,
  UserDoc,
  WorkspaceDoc,
} from './docs.ts';

interface Moved {
  readonly id: string;
  readonly data: object;
}

type StorageName = Pick<StorageDoc, 'owner' | 'workspace_id' | 'kind' | 'name'>;

/** `ann:lab:volume:default`, the id that a volume or bucket had. None of its parts held a colon. */
const partsOf = (id: string): StorageName | null => {
  const [owner = '', workspace_id = '', kind, name] = id.split(':');
  return name !== undefined && (kind === 'volume' || kind === 'bucket') ? { owner, workspace_id, kind, name } : null;
};

const storageIdOf = ({
  owner,
  workspace_id,
  kind,
  name,
}: Pick<StorageDoc, 'owner' | 'workspace_id' | 'kind' | 'name'>) =>
  storageKey(workspaceKey(owner, workspace_id), kind, name);

/** A reference to a volume or bucket; one with a hashed id stays as it is. */
const storageRef = <T extends string | null>(id: T): T | string => {
  const parts = id === null ? null : partsOf(id);
  return parts ? storageIdOf(parts) : id;
};

const keyed = <T extends { readonly owner: string; readonly workspace_id: string }>(doc: T) => ({
  ...doc,
  workspace_key: workspaceKey(doc.owner, doc.workspace_id),
});

/** Live sessions by `user|namespace`, as an account counted them. */
const namespaceList = (counts: Readonly<Record<string, number>>): readonly LiveNamespace[] =>
  Object.entries(counts).flatMap(([key, sessions]) => {
    const bar = key.lastIndexOf('|');
    return sessions > 0 ? [{ user: key.slice(0, bar), namespace: key.slice(bar + 1), sessions }] : [];
  });

const movedAccount = ({
  namespaces,
  ...doc
}: AccountDoc & { namespaces?: Readonly<Record<string, number>> }): Moved => ({
  id: userKey(doc.owner),
  data: namespaces === undefined ? doc : { ...doc, live_namespaces: namespaceList(namespaces) },
});

const movedStorage = (doc: StorageDoc): Moved => {
  const id = storageIdOf(doc);
  return { id, data: { ...keyed(doc), id } };
};

const movedMember = (doc: MemberDoc): Moved => {
  const data = keyed(doc);
  return { id: memberKey(data.workspace_key, doc.member_id), data };
};

/** Its id began with that of the storage, and goes on with when that was made and its number. */
const movedEntry = (doc: LedgerDoc): Moved => {
  const parts = doc.storage_id === null ? null : partsOf(doc.storage_id);
  if (doc.storage_id === null || parts === null) return { id: doc.id, data: { ...doc, storage: doc.storage ?? null } };
  const storage_id = storageIdOf(parts);
  const id = `${storage_id}${doc.id.slice(doc.storage_id.length)}`;
  return { id, data: { ...doc, id, storage_id, storage: { kind: parts.kind, name: parts.name } } };
};

/** Documents whose ids held the names of people, workspaces and storage, under the hashes of those. Repeatable. */
export const HASHED_IDS: Readonly<Record<string, (data: never, id: string) => Moved>> = {
  users: (data: UserDoc) => ({ id: userKey(data.user_id), data }),
  accounts: movedAccount,
  workspaces: (data: WorkspaceDoc) => ({ id: workspaceKey(data.owner, data.workspace_id), data }),
  members: movedMember,
  storage: movedStorage,
  sessions: (doc: SessionDoc, id) => ({
    id,
    data: {
      ...doc,
      workspace_key: workspaceKey(doc.workspace_owner, doc.workspace_id),
      mounts: doc.mounts.map(storageRef),
    },
  }),
  ledger: movedEntry,
  rollups: (data: RollupDoc) => ({ id: rollupKey(data.owner, data.month, data.part), data }),
  idempotency: (doc: IdempotencyDoc, id) => {
    const [owner = '', workspace_id] = doc.kind === 'workspace' ? doc.target.split(':') : [];
    return { id, data: workspace_id === undefined ? doc : { ...doc, target: workspaceKey(owner, workspace_id) } };
  },
};
