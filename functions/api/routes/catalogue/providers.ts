import { Provider } from '#contract/entities/catalogue.ts';
import { PageQuery } from '#contract/entities/common.ts';
import { listProviders } from '#services/catalogue/providers.ts';
import { listRoute } from '../../route.ts';

export const providersList = listRoute({
  operation: 'providers.list',
  summary: 'List providers',
  description: 'What each can do, and why one is off.',
  query: PageQuery,
  item: Provider,
  handle: ({ deps, call }) => listProviders(deps, call),
});
