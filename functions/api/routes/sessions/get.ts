import { Session } from '#contract/entities/session.ts';
import { getSession } from '#services/sessions/get.ts';
import { jsonRoute } from '../../route.ts';

export const sessionsGet = jsonRoute({
  operation: 'sessions.get',
  summary: 'Read a session',
  response: Session,
  handle: ({ deps, call, params }) => getSession(deps, call, params),
});
