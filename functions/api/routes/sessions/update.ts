import { Session, SessionUpdate } from '#contract/entities/session.ts';
import { updateSession } from '#services/sessions/update.ts';
import { jsonRoute } from '../../route.ts';

export const sessionsUpdate = jsonRoute({
  operation: 'sessions.update',
  summary: 'Change a session’s time to live or labels',
  body: SessionUpdate,
  response: Session,
  handle: ({ deps, call, params, body }) => updateSession(deps, call, { ...params, ...body }),
});
