import { PageQuery } from '#contract/entities/common.ts';
import { Session, SessionListQuery } from '#contract/entities/session.ts';
import { listSessions } from '#services/sessions/list.ts';
import { listRoute } from '../../route.ts';

export const sessionsList = listRoute({
  operation: 'sessions.list',
  summary: 'List sessions',
  description: 'Not yet ended, or ended in the last 24 hours; newest first.',
  query: SessionListQuery.extend(PageQuery.shape),
  item: Session,
  handle: ({ deps, call, query }) => listSessions(deps, call, query),
});
