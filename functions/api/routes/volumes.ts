import { PageQuery } from '#contract/entities/common.ts';
import { Deleted, Storage } from '#contract/entities/workspace.ts';
import { listStorage } from '#services/storage/list.ts';
import { jsonRoute, listRoute, type Route } from '../route.ts';
import { getStorage } from '#services/storage/get.ts';
import { deleteStorage } from '#services/storage/delete.ts';

const volumesList = listRoute({
  operation: 'volumes.list',
  summary: 'List a workspace’s volumes',
  query: PageQuery,
  item: Storage,
  handle: ({ deps, call, params, query }) => listStorage(deps, call, { ...params, ...query, kind: 'volume' }),
});

const volumesGet = jsonRoute({
  operation: 'volumes.get',
  summary: 'Read a volume',
  description: 'Its size and use, kind of storage, the sessions that mount it, and its price.',
  response: Storage,
  handle: ({ deps, call, params }) => getStorage(deps, call, { ...params, kind: 'volume' }),
});

const volumesDelete = jsonRoute({
  operation: 'volumes.delete',
  summary: 'Delete a volume and its data',
  description: 'Refused with `conflict` while a session mounts the volume.',
  response: Deleted,
  handle: ({ deps, call, params }) => deleteStorage(deps, call, { ...params, kind: 'volume' }),
});

export const volumesRoutes: readonly Route[] = [volumesList, volumesGet, volumesDelete];
