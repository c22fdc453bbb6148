import { PageQuery, WaitQuery } from '#contract/entities/common.ts';
import {
  Cleaned,
  CleanupQuery,
  Session,
  SessionConnection,
  SessionCreate,
  SessionListQuery,
  SessionUpdate,
  Ticket,
  Usage,
} from '#contract/entities/session.ts';
import { createSession } from '#services/sessions/create/create.ts';
import { jsonRoute, listRoute, rawRoute, type Route } from '../route.ts';
import { listSessions } from '#services/sessions/list.ts';
import { Estimate, SessionCost } from '#contract/entities/cost.ts';
import { estimateSession } from '#services/sessions/estimate.ts';
import { cleanupExpired } from '#services/sessions/cleanup.ts';
import { getSession } from '#services/sessions/get.ts';
import { updateSession } from '#services/sessions/update.ts';
import { endSession } from '#services/sessions/end.ts';
import { connectSession } from '#services/sessions/connect.ts';
import { sessionUsage } from '#services/sessions/usage.ts';
import { sessionCost } from '#services/costs/session.ts';
import { AuditEvent } from '#contract/entities/event.ts';
import { sessionEvents } from '#services/sessions/events.ts';
import { createTicket } from '#services/tickets/create.ts';
import { openShell, type ShellEvents } from '#services/execs/shell.ts';
import { acceptSocket, CLOSE_NORMAL, closeReason, requireUpgrade } from '../websocket/accept.ts';
import { SWITCHING_PROTOCOLS } from '../websocket/docs.ts';
import { type ShellSession, shellSession } from '../websocket/shell.ts';

const sessionsCreate = jsonRoute({
  operation: 'sessions.create',
  summary: 'Create a session',
  description:
    'Returns immediately. With `wait`, returns when the session is running or has failed, or after that many seconds.',
  query: WaitQuery,
  body: SessionCreate,
  largeBody: true,
  response: Session,
  handle: ({ deps, call, query, body }) => createSession(deps, call, { ...body, ...query }),
});

const sessionsList = listRoute({
  operation: 'sessions.list',
  summary: 'List sessions',
  description: 'Sessions that have not ended or ended in the last 24 hours, newest first.',
  query: SessionListQuery.extend(PageQuery.shape),
  item: Session,
  handle: ({ deps, call, query }) => listSessions(deps, call, query),
});

const sessionsEstimate = jsonRoute({
  operation: 'sessions.estimate',
  summary: 'Estimate the cost of a session',
  body: SessionCreate,
  largeBody: true,
  response: Estimate,
  handle: ({ deps, call, body }) => estimateSession(deps, call, body),
});

const sessionsCleanup = jsonRoute({
  operation: 'sessions.cleanup',
  summary: 'End expired sessions',
  query: CleanupQuery,
  response: Cleaned,
  handle: ({ deps, call, query }) => cleanupExpired(deps, call, query),
});

const sessionsGet = jsonRoute({
  operation: 'sessions.get',
  summary: 'Read a session',
  response: Session,
  handle: ({ deps, call, params }) => getSession(deps, call, params),
});

const sessionsUpdate = jsonRoute({
  operation: 'sessions.update',
  summary: 'Change a session’s time to live or labels',
  body: SessionUpdate,
  response: Session,
  handle: ({ deps, call, params, body }) => updateSession(deps, call, { ...params, ...body }),
});

const sessionsDelete = jsonRoute({
  operation: 'sessions.delete',
  summary: 'Delete a session',
  description: 'Returns when its resources are gone, at the latest after `wait` seconds (default: 20).',
  query: WaitQuery,
  response: Session,
  handle: ({ deps, call, params, query }) => endSession(deps, call, { ...params, ...query, force: false }),
});

const sessionsTerminate = jsonRoute({
  operation: 'sessions.terminate',
  summary: 'End a session',
  description: 'Returns when its resources are gone, at the latest after `wait` seconds (default: 20).',
  query: WaitQuery,
  response: Session,
  handle: ({ deps, call, params, query }) => endSession(deps, call, { ...params, ...query, force: false }),
});

const sessionsForceDelete = jsonRoute({
  operation: 'sessions.force_delete',
  summary: 'End a session without a grace period',
  description: 'Returns when its resources are gone, at the latest after `wait` seconds (default: 20).',
  query: WaitQuery,
  response: Session,
  handle: ({ deps, call, params, query }) => endSession(deps, call, { ...params, ...query, force: true }),
});

const sessionsConnect = jsonRoute({
  operation: 'sessions.connect',
  summary: 'Read how to reach a session',
  response: SessionConnection,
  handle: ({ deps, call, params }) => connectSession(deps, call, params),
});

const sessionsUsage = jsonRoute({
  operation: 'sessions.usage',
  summary: 'Measure the current use of a session',
  response: Usage,
  handle: ({ deps, call, params }) => sessionUsage(deps, call, params),
});

const sessionsCost = jsonRoute({
  operation: 'sessions.cost',
  summary: 'Read a session’s cost so far',
  response: SessionCost,
  handle: ({ deps, call, params }) => sessionCost(deps, call, params),
});

const sessionsEvents = listRoute({
  operation: 'sessions.events',
  summary: 'List the events of a session',
  query: PageQuery,
  item: AuditEvent,
  handle: ({ deps, call, params, query }) => sessionEvents(deps, call, { ...params, ...query }),
});

const sessionsTicket = jsonRoute({
  operation: 'sessions.ticket',
  summary: 'Create a ticket for a WebSocket',
  description: 'For browsers, which can’t send a key. It is valid once, for 60 seconds, as a WebSocket subprotocol.',
  response: Ticket,
  handle: ({ deps, call, params }) => createTicket(deps, call, params),
});

const sessionsShell = rawRoute({
  operation: 'sessions.shell',
  summary: 'Open a shell (WebSocket)',
  description:
    'Text messages, each one JSON object: `ShellRequest` to the server, `ShellMessage` from it. If the session is being created, waits for it, up to `wait` seconds (default: 20).',
  query: WaitQuery,
  responses: SWITCHING_PROTOCOLS,
  handle: async ({ api, deps, call, params, query, signal, c }) => {
    requireUpgrade(c);
    const gone = Promise.withResolvers<string>();
    let session: ShellSession | null = null;
    const events: ShellEvents = {
      onOutput: (data) => session?.output(data),
      onClosed: (reason) => gone.resolve(reason),
    };
    const shell = await openShell(deps, call, { ...params, ...query }, events, signal);
    return acceptSocket(api, c, {
      kind: 'shell',
      access: { call, session_id: params.id, needs: 'editor' },
      closed: (saidSo) => {
        deps.background.run('hang up a terminal', () => shell.close(saidSo), { session_id: params.id });
      },
      opened: (socket) => {
        const opened = shellSession(api, socket, shell);
        session = opened;
        socket.on('message', (data) => opened.message(data.toString()));
        void gone.promise.then((reason) => socket.close(CLOSE_NORMAL, closeReason(reason)));
      },
    });
  },
});

export const sessionsRoutes: readonly Route[] = [
  sessionsCreate,
  sessionsList,
  sessionsEstimate,
  sessionsCleanup,
  sessionsGet,
  sessionsUpdate,
  sessionsDelete,
  sessionsTerminate,
  sessionsForceDelete,
  sessionsConnect,
  sessionsUsage,
  sessionsCost,
  sessionsEvents,
  sessionsTicket,
  sessionsShell,
];
