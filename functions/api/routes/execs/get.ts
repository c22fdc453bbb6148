import { Exec } from '#contract/entities/exec.ts';
import { getExec } from '#services/execs/get.ts';
import { jsonRoute } from '../../route.ts';

export const execsGet = jsonRoute({
  operation: 'execs.get',
  summary: 'Read a command’s state',
  response: Exec,
  handle: ({ deps, call, params }) => getExec(deps, call, params),
});
