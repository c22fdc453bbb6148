import { sessionFor } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { whyNotRunning } from '../lifecycle/not-running.ts';
import { TICKET_PROTOCOL } from '../tickets/create.ts';
import { sessionToWire } from './wire.ts';

/** How a session is reached. */
export const connectSession = async (deps: Deps, call: Call, input: { id: string }) => {
  const doc = await sessionFor(lookupIn(deps.store), call, input.id, 'viewer');
  const session = sessionToWire(deps, doc);
  return {
    id: session.id,
    status: session.status,
    url: session.url,
    websocket: session.websocket,
    ssh: session.ssh,
    subprotocols: [`${TICKET_PROTOCOL}<ticket>`],
    how:
      session.status === 'running'
        ? 'POST {url}/execute runs a command. A WebSocket on {websocket} is a shell: send your key as X-API-Key, or a ticket of POST {url}/ticket as subprotocol.'
        : whyNotRunning(doc),
  };
};
