import type { Lookup } from '../kernel/access.ts';
import { accounts, userKey } from '../model/collections.ts';
import type { AccountDoc, LiveNamespace } from '../model/docs.ts';

const emptyAccount = (owner: string): AccountDoc => ({
  owner,
  live_sessions: 0,
  live_namespaces: [],
  workspaces: 0,
  terminate_nano: 'unknown',
  budget: 'unknown',
  months: {},
});

export const accountOf = async (lookup: Lookup, owner: string): Promise<AccountDoc> =>
  (await lookup.get(accounts, userKey(owner))) ?? emptyAccount(owner);

/** The account with one live session more, or one less, of a user in a namespace. */
export const countNamespace = (
  account: AccountDoc,
  { user, namespace }: Pick<LiveNamespace, 'user' | 'namespace'>,
  change: 1 | -1,
): readonly LiveNamespace[] => {
  const at = account.live_namespaces.findIndex((live) => live.user === user && live.namespace === namespace);
  const before = account.live_namespaces[at] ?? { user, namespace, sessions: 0 };
  const after = { ...before, sessions: before.sessions + change };
  const counted = at < 0 ? [...account.live_namespaces, after] : account.live_namespaces.with(at, after);
  return counted.filter(({ sessions }) => sessions > 0);
};

/** The namespaces in which a user has live sessions at this owner's cost. */
export const namespacesOf = (account: AccountDoc, user: string): readonly string[] =>
  account.live_namespaces.filter((live) => live.user === user).map(({ namespace }) => namespace);
