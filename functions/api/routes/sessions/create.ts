import { WaitQuery } from '#contract/entities/common.ts';
import { Session, SessionCreate } from '#contract/entities/session.ts';
import { createSession } from '#services/sessions/create.ts';
import { jsonRoute } from '../../route.ts';

export const sessionsCreate = jsonRoute({
  operation: 'sessions.create',
  summary: 'Create a session',
  description: 'Answers at once; with `wait`, when it runs or has failed, or the seconds are over.',
  query: WaitQuery,
  body: SessionCreate,
  largeBody: true,
  response: Session,
  handle: ({ deps, call, query, body }) => createSession(deps, call, { ...body, ...query }),
});
