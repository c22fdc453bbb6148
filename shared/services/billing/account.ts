import type { Lookup } from '../kernel/access.ts';
import { accounts } from '../model/collections.ts';
import type { AccountDoc } from '../model/docs.ts';

const emptyAccount = (owner: string): AccountDoc => ({
  owner,
  live_sessions: 0,
  namespaces: {},
  workspaces: 0,
  terminate_nano: 'unknown',
  months: {},
});

export const accountOf = async (lookup: Lookup, owner: string): Promise<AccountDoc> =>
  (await lookup.get(accounts, owner)) ?? emptyAccount(owner);

/** `user|namespace`, as the account counts live sessions. */
export const namespaceKey = (user: string, namespace: string): string => `${user}|${namespace}`;
