import { sessionFor } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { type PageInput, pageOfQuery } from '../kernel/pages.ts';
import { execs } from '../model/collections.ts';
import { withState } from '../model/exec-state.ts';
import { recordStateSoon } from './record.ts';
import { channelTo } from './running.ts';
import { execToWire } from './wire.ts';

/** The commands of a session, oldest first, each as it is now. */
export const listExecs = async (deps: Deps, call: Call, input: { id: string } & PageInput) => {
  const session = await sessionFor(lookupIn(deps.store), call, input.id, 'viewer');
  const known = session.status === 'running' ? await (await channelTo(deps, session)).list() : [];
  const states = new Map(known.map((state) => [state.exec_id, state]));
  return pageOfQuery(
    deps.store,
    execs,
    { where: { session_id: session.id }, order: { field: 'started_at', direction: 'asc' } },
    input,
    (doc) => {
      const state = doc.status === 'running' ? states.get(doc.exec_id) : undefined;
      if (!state) return execToWire(doc);
      recordStateSoon(deps, session.id, doc, state);
      return execToWire(withState(doc, state));
    },
  );
};
