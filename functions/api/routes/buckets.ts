import { PageQuery } from '#contract/entities/common.ts';
import { Deleted, Storage } from '#contract/entities/workspace.ts';
import { listStorage } from '#services/storage/list.ts';
import { jsonRoute, listRoute, type Route } from '../route.ts';
import { getStorage } from '#services/storage/get.ts';
import { deleteStorage } from '#services/storage/delete.ts';

const bucketsList = listRoute({
  operation: 'buckets.list',
  summary: 'List a workspace’s buckets',
  query: PageQuery,
  item: Storage,
  handle: ({ deps, call, params, query }) => listStorage(deps, call, { ...params, ...query, kind: 'bucket' }),
});

const bucketsGet = jsonRoute({
  operation: 'buckets.get',
  summary: 'Read a bucket',
  description: 'Its size and use, kind of storage, the sessions that mount it, and its price.',
  response: Storage,
  handle: ({ deps, call, params }) => getStorage(deps, call, { ...params, kind: 'bucket' }),
});

const bucketsDelete = jsonRoute({
  operation: 'buckets.delete',
  summary: 'Delete a bucket and its data',
  description: 'Refused with `conflict` while a session mounts the bucket.',
  response: Deleted,
  handle: ({ deps, call, params }) => deleteStorage(deps, call, { ...params, kind: 'bucket' }),
});

export const bucketsRoutes: readonly Route[] = [bucketsList, bucketsGet, bucketsDelete];
