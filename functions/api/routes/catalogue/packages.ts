import { Package } from '#contract/entities/catalogue.ts';
import { PageQuery } from '#contract/entities/common.ts';
import { listPackages } from '#services/catalogue/packages.ts';
import { pageOfWhole } from '../../request/list.ts';
import { listRoute } from '../../route.ts';

export const packagesList = listRoute({
  operation: 'packages.list',
  summary: 'List resource packages',
  description: 'Sizes, GPU, who may use each, and its price per hour per provider.',
  query: PageQuery,
  item: Package,
  handle: async ({ deps, call, query }) => pageOfWhole((await listPackages(deps, call)).items, query),
});
