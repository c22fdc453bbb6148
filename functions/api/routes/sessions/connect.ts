import { SessionConnection } from '#contract/entities/session.ts';
import { connectSession } from '#services/sessions/connect.ts';
import { jsonRoute } from '../../route.ts';

export const sessionsConnect = jsonRoute({
  operation: 'sessions.connect',
  summary: 'Say how to reach a session',
  response: SessionConnection,
  handle: ({ deps, call, params }) => connectSession(deps, call, params),
});
