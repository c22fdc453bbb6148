import { Exec, ExecStart } from '#contract/entities/exec.ts';
import { startExec } from '#services/execs/start.ts';
import { jsonRoute } from '../../route.ts';

export const execsStart = jsonRoute({
  operation: 'execs.start',
  summary: 'Start a command',
  body: ExecStart,
  largeBody: true,
  response: Exec,
  handle: ({ deps, call, params, body }) => startExec(deps, call, { ...params, ...body }),
});
