import { Ticket } from '#contract/entities/session.ts';
import { createTicket } from '#services/tickets/create.ts';
import { jsonRoute } from '../../route.ts';

export const sessionsTicket = jsonRoute({
  operation: 'sessions.ticket',
  summary: 'Make a ticket for a WebSocket',
  description: 'For browsers: valid once, for 60 seconds, as a WebSocket subprotocol.',
  response: Ticket,
  handle: ({ deps, call, params }) => createTicket(deps, call, params),
});
