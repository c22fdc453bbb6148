import { PageQuery } from '#contract/entities/common.ts';
import { Key } from '#contract/entities/key.ts';
import { listKeys } from '#services/keys/list.ts';
import { listRoute } from '../../route.ts';

export const keysList = listRoute({
  operation: 'keys.list',
  summary: 'List API keys',
  query: PageQuery,
  item: Key,
  handle: ({ deps, call, query }) => listKeys(deps, call, query),
});
