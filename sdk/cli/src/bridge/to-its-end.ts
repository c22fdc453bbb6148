import type { Command } from 'commander';
import { Option } from 'commander';
import type { ExecStart, OnMemOSClient } from 'onmemos';
import { endedBy } from '../ended-by.ts';
import { printJson } from '../ui/output.ts';
import { Answer } from './answer.ts';
import { type StartOptions, startToItsEnd } from './start.ts';

export interface InputOptions {
  /** False: `--no-input`. */
  readonly input?: boolean;
  readonly interactive?: boolean;
}

/** Whether a command gets our stdin. */
export const withInput = (command: Command, more = ''): Command =>
  command
    .option('--no-input', 'do not read stdin, as in a loop over a list; the command gets an empty one')
    .addOption(
      new Option('-i, --interactive', `send what is typed at a terminal, too, without -t${more}`).conflicts([
        'tty',
        'input',
      ]),
    );

/** As the options say; undefined leaves it to whether our stdin is a terminal. */
export const inputOf = ({ input, interactive }: InputOptions): boolean | undefined => {
  if (input === false) return false;
  return interactive === true ? true : undefined;
};

/** Runs a command to its end with our terminal or pipes, or for one JSON answer. @returns the code to end with */
export const runToItsEnd = async (
  client: OnMemOSClient,
  session_id: string,
  body: ExecStart,
  { json, ...options }: StartOptions & { readonly json: boolean },
): Promise<number> => {
  const answer = json ? new Answer() : null;
  const exec = await startToItsEnd(client, session_id, body, {
    ...options,
    ...(answer === null ? {} : { sinks: answer.sinks }),
  });
  const code = await endedBy(client, exec);
  if (answer !== null) {
    const { dropped, ...record } = exec;
    printJson(answer.of({ ...record, truncated: record.truncated || dropped }, code));
  }
  return code;
};
