import { Costs, CostsQuery } from '#contract/entities/cost.ts';
import { reportCosts } from '#services/costs/report.ts';
import { jsonRoute } from '../../route.ts';

export const costsReport = jsonRoute({
  operation: 'costs.report',
  summary: 'Sum the ledger',
  query: CostsQuery,
  response: Costs,
  handle: ({ deps, call, query }) => reportCosts(deps, call, query),
});
