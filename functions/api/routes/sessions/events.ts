import { PageQuery } from '#contract/entities/common.ts';
import { AuditEvent } from '#contract/entities/event.ts';
import { sessionEvents } from '#services/sessions/events.ts';
import { listRoute } from '../../route.ts';

export const sessionsEvents = listRoute({
  operation: 'sessions.events',
  summary: 'List what happened to a session',
  query: PageQuery,
  item: AuditEvent,
  handle: ({ deps, call, params, query }) => sessionEvents(deps, call, { ...params, ...query }),
});
