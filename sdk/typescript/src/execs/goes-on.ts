import { ServerAway } from '../errors.ts';

/** Which command; its id may be the server's choice, and then not be known. */
export interface MaybeExec {
  readonly session_id: string;
  readonly exec_id?: string | undefined;
}

/** How to find a command again that goes on without its server. */
export const whatGoesOn = ({ session_id, exec_id }: MaybeExec, error: unknown): unknown => {
  if (!(error instanceof ServerAway)) return error;
  const next =
    exec_id === undefined
      ? `Its commands may go on: see \`onmemos jobs ${session_id}\`, or client.execs.list('${session_id}').`
      : `The command may go on: see \`onmemos logs -f ${session_id} ${exec_id}\`, ` +
        `or client.execs.get('${session_id}', '${exec_id}').`;
  return new ServerAway(error.url, error.cause, error.seconds, next);
};

/** The same error, saying how to go on, where the server stays away from a call about a command. */
export const namingWhatGoesOn = async <T>(exec: MaybeExec, call: Promise<T>): Promise<T> => {
  try {
    return await call;
  } catch (error) {
    throw whatGoesOn(exec, error);
  }
};
