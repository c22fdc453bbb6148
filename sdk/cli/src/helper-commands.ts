import type { Exec } from 'onmemos';

/** What the shell of such a command is called, `$0`: it is in the command's record, and in its messages. */
const HELPER_NAME = 'onmemos-cp';

/** A command that this program runs for itself in a session, and no person has asked for. @param line for the shell */
export const helperCommand = (line: string, ...words: readonly string[]): string[] => [
  '/bin/sh',
  '-c',
  line,
  HELPER_NAME,
  ...words,
];

/** Whether this program ran it for itself: lists leave it out, and it is never the last command of a session. */
export const isHelper = ({ argv }: Pick<Exec, 'argv'>): boolean =>
  argv?.[0] === '/bin/sh' && argv[1] === '-c' && argv[3] === HELPER_NAME;
