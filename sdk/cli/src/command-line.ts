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

const NOT_FOUND_EXIT = 127;
const NOT_RUNNABLE_EXIT = 126;

/** A program that can't be started ends as it does under a shell: 127 where there is none, 126 where it is none. */
export const asStartFailure = (error: unknown): unknown => {
  if (!(error instanceof Error) || !('errors' in error) || !Array.isArray(error.errors)) return error;
  const faulty = (error.errors as readonly { field?: unknown; message?: unknown }[]).find(
    ({ field }) => field === 'argv',
  );
  if (!faulty) return error;
  const denied = /permission|EACCES|exec format/i.test(String(faulty.message));
  return new CliError(String(faulty.message), { exit: denied ? NOT_RUNNABLE_EXIT : NOT_FOUND_EXIT, cause: error });
};
