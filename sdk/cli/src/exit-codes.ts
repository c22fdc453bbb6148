/** What the process ends with. `run`, `exec`, `shell` and `attach` end with the command's own code where it ran. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  denied: 4,
  unavailable: 5,
  /** Something did not end in its time. */
  timedOut: 124,
  /** Of a command that ends with the code of a command in a session: its own failure. */
  own: 125,
  interrupted: 130,
} as const;

export const EXIT_HELP = `Exit codes:
  0  done
  1  failed
  2  wrong command line
  3  not found, or not visible to this key
  4  denied: no key, a wrong key, not allowed, over a limit or a budget
  5  the server can’t be reached, or asks to try again later
  130  ended by Ctrl-C
run, exec, shell, attach and wait end with the command's own code: 128 + n where signal n ended it, 124 at its timeout. Where they fail
themselves, they end with 125 and a line that begins with "onmemos:"; with 127 where there is no such program, with 126 where it
can’t be run; with 124 where wait has waited for its --timeout; and with 128 + n where signal n ended them. wait --session ends with
the codes above, because it has no command.`;

/** The code of a failure in a command that ends with the code of another command: 1 to 5 could be that one's. */
export const ownFailure = (exit: number): number => (exit < EXIT.timedOut ? EXIT.own : exit);
