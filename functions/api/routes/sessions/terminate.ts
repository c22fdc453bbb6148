import { WaitQuery } from '#contract/entities/common.ts';
import { Session } from '#contract/entities/session.ts';
import { endSession } from '#services/sessions/end.ts';
import { jsonRoute } from '../../route.ts';

export const sessionsTerminate = jsonRoute({
  operation: 'sessions.terminate',
  summary: 'End a session',
  description: 'Answers when its resources are gone, at the latest after 20 seconds or `wait`.',
  query: WaitQuery,
  response: Session,
  handle: ({ deps, call, params, query }) => endSession(deps, call, { ...params, ...query, force: false }),
});
