import { Package, Provider } from '#contract/entities/catalogue.ts';
import { PageQuery } from '#contract/entities/common.ts';
import { listPackages } from '#services/catalogue/packages.ts';
import { pageOfWhole } from '../request/list.ts';
import { listRoute, type Route } from '../route.ts';
import { listProviders } from '#services/catalogue/providers.ts';

const packagesList = listRoute({
  operation: 'packages.list',
  summary: 'List resource packages',
  description: 'Each with its size, GPU, the user types that may use it, and its price per hour at each provider.',
  query: PageQuery,
  item: Package,
  handle: async ({ deps, call, query }) => pageOfWhole((await listPackages(deps, call)).items, query),
});

const providersList = listRoute({
  operation: 'providers.list',
  summary: 'List providers',
  description: 'Each with its abilities, or why it is not available.',
  query: PageQuery,
  item: Provider,
  handle: async ({ deps, call, query }) => pageOfWhole((await listProviders(deps, call)).items, query),
});

export const catalogueRoutes: readonly Route[] = [packagesList, providersList];
