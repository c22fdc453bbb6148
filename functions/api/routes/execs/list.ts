import { PageQuery } from '#contract/entities/common.ts';
import { Exec } from '#contract/entities/exec.ts';
import { listExecs } from '#services/execs/list.ts';
import { listRoute } from '../../route.ts';

export const execsList = listRoute({
  operation: 'execs.list',
  summary: 'List a session’s commands',
  query: PageQuery,
  item: Exec,
  handle: ({ deps, call, params, query }) => listExecs(deps, call, { ...params, ...query }),
});
