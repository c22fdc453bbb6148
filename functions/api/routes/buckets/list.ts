import { PageQuery } from '#contract/entities/common.ts';
import { Storage } from '#contract/entities/workspace.ts';
import { listStorage } from '#services/storage/list.ts';
import { listRoute } from '../../route.ts';

export const bucketsList = listRoute({
  operation: 'buckets.list',
  summary: 'List a workspace’s buckets',
  query: PageQuery,
  item: Storage,
  handle: ({ deps, call, params, query }) => listStorage(deps, call, { ...params, ...query, kind: 'bucket' }),
});
