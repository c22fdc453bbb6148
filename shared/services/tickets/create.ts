import { Problem } from '#contract/errors.ts';
import { iso } from '#ports/clock.ts';
import { keyOf, sessionFor } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { sha256 } from '../kernel/hash.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { assertRunning } from '../lifecycle/not-running.ts';
import { tickets } from '../model/collections.ts';

const LIVES_MS = 60_000;
export const TICKET_PROTOCOL = 'onmemos.ticket.';

/** A one-use pass for a WebSocket of this session with the caller’s own rights on it, for callers that can’t send headers. */
export const createTicket = async (deps: Deps, call: Call, input: { id: string }) => {
  const session = await sessionFor(lookupIn(deps.store), call, input.id, 'editor');
  // One that is being created is waited for by the WebSocket.
  if (session.status !== 'creating') assertRunning(session);
  const key = keyOf(call.actor);
  if (key === null)
    throw new Problem('forbidden', 'Only an API key makes tickets. Send one as X-API-Key or as Authorization: Bearer.');
  const ticket = Buffer.from(deps.ids.random(32)).toString('base64url');
  const expires_at = iso(deps.clock.now() + LIVES_MS);
  await deps.store.create(tickets, sha256(ticket), {
    session_id: session.id,
    actor: {
      key_id: key.key_id,
      user_id: key.user_id,
      scopes: key.scopes,
      workspace: key.workspace,
      session_id: session.id,
    },
    purge_at: expires_at,
  });
  return { ticket, subprotocol: `${TICKET_PROTOCOL}${ticket}`, expires_at };
};
