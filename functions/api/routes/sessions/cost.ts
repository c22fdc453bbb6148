import { SessionCost } from '#contract/entities/cost.ts';
import { sessionCost } from '#services/costs/session.ts';
import { jsonRoute } from '../../route.ts';

export const sessionsCost = jsonRoute({
  operation: 'sessions.cost',
  summary: 'Read a session’s cost so far',
  response: SessionCost,
  handle: ({ deps, call, params }) => sessionCost(deps, call, params),
});
