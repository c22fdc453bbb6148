import { Usage } from '#contract/entities/session.ts';
import { sessionUsage } from '#services/sessions/usage.ts';
import { jsonRoute } from '../../route.ts';

export const sessionsUsage = jsonRoute({
  operation: 'sessions.usage',
  summary: 'Measure what a session uses now',
  response: Usage,
  handle: ({ deps, call, params }) => sessionUsage(deps, call, params),
});
