import type { Collection } from '#ports/store.ts';
import { accounts, intents, sessions, storage, userKey, users, workspaces } from '#services/model/collections.ts';
import type { AccountDoc, IntentDoc, SessionDoc, StorageDoc, UserDoc, WorkspaceDoc } from '#services/model/docs.ts';
import type { Change, Documents } from '../doubles/documents.ts';

/** The committed documents as the rules read them. */
export class Records {
  readonly #documents: Documents;

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  sessions(): SessionDoc[] {
    return this.#documents.all(sessions);
  }

  storage(): StorageDoc[] {
    return this.#documents.all(storage);
  }

  workspaces(): WorkspaceDoc[] {
    return this.#documents.all(workspaces);
  }

  accounts(): AccountDoc[] {
    return this.#documents.all(accounts);
  }

  intents(): IntentDoc[] {
    return this.#documents.all(intents);
  }

  session(id: string): SessionDoc | null {
    return this.#get(sessions, id);
  }

  workspace(key: string): WorkspaceDoc | null {
    return this.#get(workspaces, key);
  }

  user(id: string): UserDoc | null {
    return this.#get(users, userKey(id));
  }

  intent(id: string): IntentDoc | null {
    return this.#get(intents, id);
  }

  storageOf(id: string): StorageDoc | null {
    return this.#get(storage, id);
  }

  #get<T>(collection: Collection<T>, id: string): T | null {
    return (this.#documents.get(collection.name, id)?.data ?? null) as T | null;
  }
}

/** The changes of one collection in a commit, with the collection's type. */
export const changesOf = <T>(
  changes: readonly Change[],
  collection: Collection<T>,
): { readonly id: string; readonly before: T | null; readonly after: T | null }[] =>
  changes
    .filter((change) => change.collection === collection.name)
    .map(({ id, before, after }) => ({ id, before: before as T | null, after: after as T | null }));
