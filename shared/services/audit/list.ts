import type { ListPage } from '#contract/entities/common.ts';
import { isAdmin, pathUser, sessionFor } from '../kernel/access.ts';
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

/** Who did what, newest first: all of it for an admin key, one’s own doings for others. */
export const listAudit = async (
  deps: Deps,
  call: Call,
  input: Input,
): Promise<ListPage<ReturnType<typeof auditToWire>>> => {
  const own = !isAdmin(call.actor) && call.actor.kind === 'key' ? call.actor.user_id : null;
  if (input.user !== undefined) pathUser(call, input.user);
  if (input.session_id !== undefined) await sessionFor(lookupIn(deps.store), call, input.session_id, 'viewer');
  const user = own ?? input.user;
  const where: Record<string, string> =
    input.session_id !== undefined
      ? { session_id: input.session_id }
      : user !== undefined && user !== null
        ? { actor_user: user }
        : input.action !== undefined
          ? { action: input.action }
          : {};
  const matches = (entry: AuditDoc): boolean =>
    (user === undefined || user === null || entry.actor_user === user) &&
    (input.action === undefined || entry.action === input.action);
  const page = await pageOfQuery(
    deps.store,
    audit,
    { where, order: { field: 'id', direction: 'desc' } },
    input,
    (entry) => (matches(entry) ? auditToWire(entry) : null),
  );
  return { ...page, items: page.items.filter((entry) => entry !== null) };
};
