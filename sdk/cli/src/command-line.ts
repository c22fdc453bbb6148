import type { Exec } from 'onmemos';
import { CliError, usageError } from './errors.ts';

/**
 * What is to run. One word is a line for the shell, so that pipes and variables work in it; several are a program with
 * its arguments, which reach it as they are.
 * @throws CliError usage where there is nothing
 */
export const commandOf = (words: readonly string[]): { readonly command: string } | { readonly argv: string[] } => {
  const [only, ...more] = words;
  if (only === undefined || (more.length === 0 && only.trim() === '')) {
    throw usageError('There is no command.', 'Put it after two dashes: -- python3 -c "print(42)"');
  }
  return more.length === 0 ? { command: only } : { argv: [...words] };
};

const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/** A command as a person would type it into a shell. */
export const commandText = ({ command, argv }: Pick<Exec, 'command' | 'argv'>): string =>
  command ??
  (argv ?? []).map((word) => (PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');

/** The failure of a start, said of the program as it was typed. `tell` gives it the exit code that the server says. */
export const asStartFailure = (error: unknown): unknown => {
  if (!(error instanceof Error) || !('exit_code' in error) || typeof error.exit_code !== 'number') return error;
  const { errors = [] } = error as { readonly errors?: readonly { field?: unknown; message?: unknown }[] };
  const faulty = errors.find(({ field }) => field === 'argv');
  return faulty ? new CliError(String(faulty.message), { exit: error.exit_code, cause: error }) : error;
};
