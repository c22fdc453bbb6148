import type { z } from 'zod';
import type { ExecStart } from '#contract/entities/exec.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { beginExec } from './begin.ts';
import { withState } from '../model/exec-state.ts';
import { recordStateSoon } from './record.ts';
import { execToWire } from './wire.ts';

const DEFAULT_TTY = { cols: 80, rows: 24 };

/** Starts a command and answers at once. */
export const startExec = async (deps: Deps, call: Call, input: { id: string } & z.infer<typeof ExecStart>) => {
  const { id, timeout, tty, ...rest } = input;
  const { session, doc, state } = await beginExec(deps, call, id, {
    ...rest,
    timeout_ms: timeout ? timeout * 1000 : null,
    tty: tty === true ? DEFAULT_TTY : tty === false || tty === undefined ? null : tty,
    // A terminal is there to be typed into.
    stdin: input.stdin ?? Boolean(tty),
  });
  recordStateSoon(deps, session.id, doc, state);
  return execToWire(withState(doc, state));
};
