import type { z } from 'zod';
import type { ExecStart } from '#contract/entities/exec.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { beginExec, type ExecRequest } from './begin.ts';
import { withState } from '../model/exec-state.ts';
import { recordStateSoon } from './record.ts';
import { execToWire } from './wire.ts';

const DEFAULT_TTY = { cols: 80, rows: 24 };

/** Starts a command and answers at once; if its session is being created, when that runs, after `wait` seconds at most. */
export const startExec = async (
  deps: Deps,
  call: Call,
  input: { id: string; wait?: number | undefined } & z.infer<typeof ExecStart>,
  signal?: AbortSignal,
) => {
  const { id, wait, timeout, tty, ...rest } = input;
  const request: ExecRequest = {
    ...rest,
    // 1.001 * 1000 is no whole number.
    timeout_ms: timeout ? Math.ceil(timeout * 1000) : null,
    tty: tty === true ? DEFAULT_TTY : tty === false || tty === undefined ? null : tty,
    // A terminal is there to be typed into.
    stdin: input.stdin ?? Boolean(tty),
  };
  const { session, doc, state } = await beginExec(deps, call, id, request, { seconds: wait, signal });
  recordStateSoon(deps, session.id, doc, state);
  return execToWire(withState(doc, state));
};
