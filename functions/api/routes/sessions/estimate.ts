import { Estimate } from '#contract/entities/cost.ts';
import { SessionCreate } from '#contract/entities/session.ts';
import { estimateSession } from '#services/sessions/estimate.ts';
import { jsonRoute } from '../../route.ts';

export const sessionsEstimate = jsonRoute({
  operation: 'sessions.estimate',
  summary: 'Say what a session would cost',
  body: SessionCreate,
  largeBody: true,
  response: Estimate,
  handle: ({ deps, call, body }) => estimateSession(deps, call, body),
});
