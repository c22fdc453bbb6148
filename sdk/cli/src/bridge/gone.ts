import { setTimeout as pause } from 'node:timers/promises';
import type { OnMemOSClient } from 'onmemos';
import { note } from '../ui/output.ts';

/** A program that was told to end ends within this time. */
const LIMIT_MS = 5_000;
/** A start that was given up may reach the server after our word that it is not wanted. */
const LATE_MS = [0, 200, 1_000] as const;

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : null);
/** There is nothing to end any more: the command has ended, or its session. */
const OVER: ReadonlySet<unknown> = new Set(['conflict', 'session_not_running']);

/** Tells the server that the caller of a command is gone. What is left of it gets TERM 2 s later and KILL 5 s after that. */
export const sayGone = async (client: OnMemOSClient, session_id: string, exec_id: string): Promise<void> => {
  const signal = AbortSignal.timeout(LIMIT_MS);
  let last: unknown;
  for (const late of LATE_MS) {
    try {
      await pause(late, undefined, { signal });
      await client.execs.signal(session_id, exec_id, 'PIPE', { signal });
      return;
    } catch (error) {
      if (OVER.has(codeOf(error))) return;
      last = error;
      if (codeOf(error) !== 'not_found') break;
    }
  }
  // It never reached the server.
  if (codeOf(last) === 'not_found') return;
  note(`onmemos: command ${exec_id} may still run; \`onmemos kill ${session_id} ${exec_id}\` ends it.`);
};
