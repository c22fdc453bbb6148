import type { Exec } from 'onmemos';
import { CliError } from './errors.ts';
import { exitOfExec } from './exit-codes.ts';
import { note } from './ui/output.ts';

/** The code to end with after a command. @throws CliError where the command was lost with its session */
export const endedBy = (exec: Exec): number => {
  const code = exitOfExec(exec);
  if (code === null) {
    throw new CliError(`Command ${exec.exec_id} was lost: its session ended, or its keeper did.`, {
      hint: `\`onmemos events ${exec.session_id}\` says what happened.`,
    });
  }
  if (exec.status === 'timed_out') note('onmemos: the command was ended at its timeout.');
  return code;
};
