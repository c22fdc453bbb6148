import { WaitQuery } from '#contract/entities/common.ts';
import { Session } from '#contract/entities/session.ts';
import { endSession } from '#services/sessions/end.ts';
import { jsonRoute } from '../../route.ts';

export const sessionsForceDelete = jsonRoute({
  operation: 'sessions.force_delete',
  summary: 'End a session without grace',
  description: 'Answers when its resources are gone, at the latest after 20 seconds or `wait`.',
  query: WaitQuery,
  response: Session,
  handle: ({ deps, call, params, query }) => endSession(deps, call, { ...params, ...query, force: true }),
});
