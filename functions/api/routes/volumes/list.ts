import { PageQuery } from '#contract/entities/common.ts';
import { Storage } from '#contract/entities/workspace.ts';
import { listStorage } from '#services/storage/list.ts';
import { listRoute } from '../../route.ts';

export const volumesList = listRoute({
  operation: 'volumes.list',
  summary: 'List a workspace’s volumes',
  query: PageQuery,
  item: Storage,
  handle: ({ deps, call, params, query }) => listStorage(deps, call, { ...params, ...query, kind: 'volume' }),
});
