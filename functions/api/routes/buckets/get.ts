import { Storage } from '#contract/entities/workspace.ts';
import { getStorage } from '#services/storage/get.ts';
import { jsonRoute } from '../../route.ts';

export const bucketsGet = jsonRoute({
  operation: 'buckets.get',
  summary: 'Read a bucket',
  description: 'Size, what is used of it, provider, who mounts it, price.',
  response: Storage,
  handle: ({ deps, call, params }) => getStorage(deps, call, { ...params, kind: 'bucket' }),
});
