import type { ListPage } from '#contract/entities/common.ts';
import { invalidField } from '#contract/errors.ts';
import { confinementOf, isAdmin, keyOf, pathUser, sessionFor } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { type PageInput, pageOfQuery } from '../kernel/pages.ts';
import { audit } from '../model/collections.ts';
import type { AuditDoc } from '../model/docs.ts';

export const auditToWire = ({ actor_user: _, ...entry }: AuditDoc) => ({ ...entry, detail: { ...entry.detail } });

interface Input extends PageInput {
  readonly user?: string | undefined;
  readonly session_id?: string | undefined;
  readonly action?: string | undefined;
}

/** What of the audit a call may read at the most. @throws Problem not_found, invalid */
const reachOf = (call: Call, input: Input): Pick<Input, 'user' | 'session_id'> => {
  const key = keyOf(call.actor);
  if (key === null || isAdmin(key)) return input;
  const session_id = input.session_id ?? key.session_id ?? undefined;
  if (key.user_id === null) {
    if (session_id === undefined && input.user === undefined) {
      throw invalidField('user', 'name a user; this key may act for any user but is not an admin key');
    }
    return { user: input.user, session_id };
  }
  if (input.user !== undefined) pathUser(call, input.user);
  return { user: key.user_id, session_id };
};

/**
 * The audit log, newest first. An admin key gets all entries, another key those of its own user. A key that is
 * restricted to a workspace or session gets only the entries of that.
 */
export const listAudit = async (
  deps: Deps,
  call: Call,
  input: Input,
): Promise<ListPage<ReturnType<typeof auditToWire>>> => {
  const { user, session_id } = reachOf(call, input);
  if (session_id !== undefined) await sessionFor(lookupIn(deps.store), call, session_id, 'viewer');
  const { action } = input;
  const only = confinementOf(call.actor);
  const where: Record<string, string> =
    session_id !== undefined
      ? { session_id }
      : user !== undefined
        ? { actor_user: user, ...(action === undefined ? {} : { action }) }
        : action !== undefined
          ? { action }
          : {};
  const matches = (entry: AuditDoc): boolean =>
    (user === undefined || entry.actor_user === user) &&
    (action === undefined || entry.action === action) &&
    (only === null || (entry.workspace_owner === only.owner && entry.workspace_id === only.workspace_id));
  const page = await pageOfQuery(
    deps.store,
    audit,
    { where, order: { field: 'id', direction: 'desc' } },
    input,
    (entry) => (matches(entry) ? auditToWire(entry) : null),
  );
  return { ...page, items: page.items.filter((entry) => entry !== null) };
};
