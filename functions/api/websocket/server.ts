import { WebSocketServer } from 'ws';
import { TICKET_PROTOCOL } from '#services/tickets/create.ts';

export type SocketServer = WebSocketServer;

/** The subprotocol that a browser offers next to its ticket, so that the answer does not repeat the ticket. */
const SUBPROTOCOL = 'onmemos.v1';

/** Upgrades the connections that the app has accepted. A message above the limit closes its socket (1009). */
export const createSocketServer = (maxPayload: number): SocketServer =>
  new WebSocketServer({ noServer: true, maxPayload, clientTracking: true, handleProtocols: chooseProtocol });

const chooseProtocol = (offered: Set<string>): string | false => {
  if (offered.has(SUBPROTOCOL)) return SUBPROTOCOL;
  // A browser closes the connection if the answer names none of the protocols that it offered.
  return [...offered].find((name) => name.startsWith(TICKET_PROTOCOL)) ?? false;
};
