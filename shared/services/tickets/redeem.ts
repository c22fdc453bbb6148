import { Problem } from '#contract/errors.ts';
import { iso } from '#ports/clock.ts';
import type { KeyActor } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { sha256 } from '../kernel/hash.ts';
import { stillValid } from '../keys/authenticate.ts';
import { tickets } from '../model/collections.ts';

/** Uses a ticket up. The key behind it must still hold. @throws Problem unauthenticated */
export const redeemTicket = async (deps: Deps, ticket: string, sessionId: string): Promise<KeyActor> => {
  const id = sha256(ticket);
  const found = await transact(deps.store, async (draft) => {
    const doc = await draft.get(tickets, id);
    if (doc) draft.delete(tickets, id);
    return doc;
  });
  const actor: KeyActor | null = found ? { kind: 'key', ...found.actor } : null;
  const holds = found !== null && found.session_id === sessionId && found.purge_at > iso(deps.clock.now());
  if (!actor || !holds || !(await stillValid(deps, actor))) {
    throw new Problem(
      'unauthenticated',
      'This ticket was used, has expired or is for another session. Make a new one.',
    );
  }
  return actor;
};
