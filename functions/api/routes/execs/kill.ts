import { Exec } from '#contract/entities/exec.ts';
import { killExec } from '#services/execs/kill.ts';
import { jsonRoute } from '../../route.ts';

export const execsKill = jsonRoute({
  operation: 'execs.kill',
  summary: 'Kill a command',
  response: Exec,
  handle: ({ deps, call, params }) => killExec(deps, call, params),
});
