import { Provider } from '#contract/entities/catalogue.ts';
import { PageQuery } from '#contract/entities/common.ts';
import { listProviders } from '#services/catalogue/providers.ts';
import { pageOfWhole } from '../../request/list.ts';
import { listRoute } from '../../route.ts';

export const providersList = listRoute({
  operation: 'providers.list',
  summary: 'List providers',
  description: 'What each can do, and why one is off.',
  query: PageQuery,
  item: Provider,
  handle: async ({ deps, call, query }) => pageOfWhole((await listProviders(deps, call)).items, query),
});
