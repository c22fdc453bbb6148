import { Costs, CostsQuery } from '#contract/entities/cost.ts';
import { reportCosts } from '#services/costs/report.ts';
import { jsonRoute, type Route } from '../route.ts';

const costsReport = jsonRoute({
  operation: 'costs.report',
  summary: 'Sum the costs in the ledger',
  query: CostsQuery,
  response: Costs,
  handle: ({ deps, call, query }) => reportCosts(deps, call, query),
});

export const costsRoutes: readonly Route[] = [costsReport];
