import { sessionFor } from '../kernel/access.ts';
import { auditToWire } from '../audit/list.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { type PageInput, pageOfQuery } from '../kernel/pages.ts';
import { audit } from '../model/collections.ts';

/** What happened to a session, in order. */
export const sessionEvents = async (deps: Deps, call: Call, input: { id: string } & PageInput) => {
  await sessionFor(lookupIn(deps.store), call, input.id, 'viewer');
  return pageOfQuery(
    deps.store,
    audit,
    { where: { session_id: input.id }, order: { field: 'id', direction: 'asc' } },
    input,
    auditToWire,
  );
};
