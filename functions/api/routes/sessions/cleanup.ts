import { Cleaned, CleanupQuery } from '#contract/entities/session.ts';
import { cleanupExpired } from '#services/sessions/cleanup.ts';
import { jsonRoute } from '../../route.ts';

export const sessionsCleanup = jsonRoute({
  operation: 'sessions.cleanup',
  summary: 'End sessions whose time is over',
  query: CleanupQuery,
  response: Cleaned,
  handle: ({ deps, call, query }) => cleanupExpired(deps, call, query),
});
