import { WebSocketServer } from 'ws';
import { TICKET_PROTOCOL } from '#services/tickets/create.ts';

export type SocketServer = WebSocketServer;

/** The subprotocol that a browser offers beside its ticket, so that the answer need not repeat the ticket. */
const SUBPROTOCOL = 'onmemos.v1';

/** Takes over connections that the app has let through. A message above the limit closes its socket (1009). */
export const createSocketServer = (maxPayload: number): SocketServer =>
  new WebSocketServer({ noServer: true, maxPayload, clientTracking: true, handleProtocols: chooseProtocol });

const chooseProtocol = (offered: Set<string>): string | false => {
  if (offered.has(SUBPROTOCOL)) return SUBPROTOCOL;
  // A browser drops a connection whose answer names none of the protocols it offered.
  return [...offered].find((name) => name.startsWith(TICKET_PROTOCOL)) ?? false;
};
