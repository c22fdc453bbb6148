import type { Exec } from 'onmemos';
import { CliError, tell } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';

const CUT: ReadonlySet<unknown> = new Set(['connection_failed', 'unavailable', 'timeout']);

/** Where the server stayed away for too long: an error that says how to go on with the command. */
export const asLostConnection = ({ session_id, exec_id, tty }: Exec, error: unknown): unknown => {
  if (!(error instanceof Error && 'code' in error && CUT.has(error.code))) return error;
  const verb = tty ? 'attach' : 'logs -f';
  return new CliError(`${tell(error).lines[0]} The command may still run.`, {
    exit: EXIT.unavailable,
    hint: `When the server is back, go on with \`onmemos ${verb} ${session_id} ${exec_id}\`.`,
    cause: error,
  });
};
