import { Conflict, NotFound, OnMemOSError } from '../errors.ts';
import { pause } from '../transport/backoff.ts';
import { path } from '../transport/path.ts';
import type { Transport } from '../transport/transport.ts';
import type { ExecRef } from './open-output.ts';

/** A caller that gave up waits no longer than this for the server to be told. */
const LIMIT_MS = 5_000;
const PAUSES_MS = [50, 100, 200, 400, 800] as const;
/** Takes the id of a command that has not reached the server, so that it is refused there. */
const CLAIM = ':';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** An id of a command, chosen before the call, so that the command can be ended where the answer never came. */
export const newExecId = (): string => {
  const random = crypto.getRandomValues(new Uint8Array(26));
  return `exe-${Array.from(random, (byte) => ALPHABET[byte & 31]).join('')}`;
};

/**
 * Tells the server that nobody wants more of a command: it gets PIPE, what is left of it TERM 2 s later and KILL 5 s
 * after that. Does not throw: the call that was given up has an error of its own.
 */
export const sayGone = async (transport: Transport, { session_id, exec_id }: ExecRef): Promise<void> => {
  const signal = AbortSignal.timeout(LIMIT_MS);
  const execs = path`/v1/sessions/${session_id}/execs`;
  const word = { method: 'POST', path: `${execs}${path`/${exec_id}/signal`}`, body: { signal: 'PIPE' } } as const;
  const claim = { method: 'POST', path: execs, body: { command: CLAIM, exec_id } } as const;
  for (const ms of PAUSES_MS) {
    const told = await transport.json(word, { signal }).catch((error: unknown) => error);
    if (!(told instanceof NotFound)) return;
    // The request that starts it may be under way.
    const claimed = await transport.json(claim, { signal }).catch((error: unknown) => error);
    if (!(claimed instanceof Conflict)) return;
    await pause(ms, signal).catch(() => {});
  }
};

/** Starts a command, and ends it where the call was aborted before its answer came. */
export const leavesNone = async <T>(
  transport: Transport,
  ref: ExecRef,
  signal: AbortSignal | undefined,
  start: () => Promise<T>,
): Promise<T> => {
  try {
    return await start();
  } catch (error) {
    if (signal?.aborted) await sayGone(transport, ref);
    throw error;
  }
};

/**
 * Does work that belongs to a command, and ends the command where the caller gave the work up: where it aborted the call,
 * or its own function threw. A connection that merely broke says nothing of the caller.
 */
export const endedWithCaller = async <T>(
  transport: Transport,
  ref: ExecRef,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (signal?.aborted || !(error instanceof OnMemOSError)) await sayGone(transport, ref);
    throw error;
  }
};
