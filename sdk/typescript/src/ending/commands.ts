import { Conflict, ExecNotFound, OnMemOSError, SessionNotRunning } from '../errors.ts';
import { execPath, type ExecRef } from '../execs/open-output.ts';
import type { CallOptions } from '../options.ts';
import { pause } from '../transport/backoff.ts';
import { path } from '../transport/path.ts';
import type { Transport } from '../transport/transport.ts';
import type { Exec } from '../types.ts';
import { undoable } from './undone.ts';

const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 50;
/** A command that does nothing, and takes the place of one that must not start any more. */
const CLAIM = ':';

/** An id for a command, chosen before it is started, so that it can be ended at any moment. */
const newExecId = (): string => `exe-${crypto.randomUUID().replaceAll('-', '').slice(0, 26)}`;

/** The id that a caller has chosen for a command, if any. */
export interface OwnId {
  readonly exec_id?: string | null | undefined;
}

/**
 * Makes calls about a command under an id that is chosen beforehand. If their caller leaves, the command is ended, or
 * never starts. A command with an id of the caller's own is left alone: the caller can find it by that.
 */
export const ownCommand = <T>(
  transport: Transport,
  session_id: string,
  own: OwnId,
  options: CallOptions,
  calls: (exec_id: string) => Promise<T>,
  unknownAfter?: (error: unknown) => boolean,
): Promise<T> => {
  if (own.exec_id !== undefined && own.exec_id !== null) return calls(own.exec_id);
  const exec_id = newExecId();
  const undo = (): Promise<void> => endCommand(transport.brief(), { session_id, exec_id });
  return undoable(options, { make: () => calls(exec_id), undo, ...(unknownAfter ? { unknownAfter } : {}) });
};

/** Ends a command by PIPE; the server sends TERM 2 s later and KILL 5 s after that. */
const endCommand = async (transport: Transport, ref: ExecRef): Promise<void> => {
  for (let attempt = 0, ms = FIRST_PAUSE_MS; attempt < ATTEMPTS; attempt++, ms *= 2) {
    try {
      if (await toldOrClaimed(transport, ref)) return;
    } catch (error) {
      // Its session has ended, and all commands with it; or the server can't be told.
      if (error instanceof OnMemOSError) return;
      throw error;
    }
    await pause(ms);
  }
};

const toldOrClaimed = async (transport: Transport, ref: ExecRef): Promise<boolean> => {
  try {
    await transport.json<Exec>({ method: 'POST', path: `${execPath(ref)}/signal`, body: { signal: 'PIPE' } });
    return true;
  } catch (error) {
    // It has ended.
    if (error instanceof Conflict && !(error instanceof SessionNotRunning)) return true;
    if (!(error instanceof ExecNotFound)) throw error;
  }
  // The request that starts it may be under way: the id is given to another command, so that it is refused.
  try {
    const body = { command: CLAIM, exec_id: ref.exec_id };
    await transport.json<Exec>({ method: 'POST', path: path`/v1/sessions/${ref.session_id}/execs`, body });
    return true;
  } catch (error) {
    if (error instanceof Conflict && !(error instanceof SessionNotRunning)) return false;
    throw error;
  }
};
