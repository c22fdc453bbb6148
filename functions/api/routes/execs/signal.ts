import { Exec, Signal } from '#contract/entities/exec.ts';
import { signalExec } from '#services/execs/signal.ts';
import { jsonRoute } from '../../route.ts';

export const execsSignal = jsonRoute({
  operation: 'execs.signal',
  summary: 'Send a signal to a command',
  body: Signal,
  response: Exec,
  handle: ({ deps, call, params, body }) => signalExec(deps, call, { ...params, ...body }),
});
