/** What the process ends with. `run`, `exec`, `shell` and `attach` end with the command's own code where it ran. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  denied: 4,
  unavailable: 5,
  interrupted: 130,
} as const;

export const EXIT_HELP = `Exit codes:
  0  done
  1  failed
  2  the command line is not right
  3  there is no such thing, or the key can't see it
  4  denied: no key, a wrong key, not allowed, over a limit or a budget
  5  the server can't be reached, or asks to try again later
  130  ended by Ctrl-C
run, exec, shell and attach end with the command's own code: 128 + n where signal n ended it, 124 at its timeout, 127 where there is no such program, and 1
where it ended with 0 but some of its output was dropped before it could be read.`;

/** Signals by number, as shells count them. */
const SIGNAL_NUMBERS: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  XCPU: 24,
  XFSZ: 25,
  SYS: 31,
};

/** The code that a shell gives to a command which a signal ended. */
export const exitOfSignal = (signal: string): number => 128 + (SIGNAL_NUMBERS[signal.replace(/^SIG/, '')] ?? 0);

/** The end of an exec, as the wire has it, in one number; null while it runs or where nobody knows. */
export const exitOfExec = (exec: {
  readonly status: string;
  readonly exit_code: number | null;
  readonly signal: string | null;
}): number | null => {
  if (exec.status === 'timed_out') return 124;
  if (exec.exit_code !== null) return exec.exit_code;
  return exec.signal === null ? null : exitOfSignal(exec.signal);
};
