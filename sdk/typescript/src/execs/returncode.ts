import { Conflict } from '../errors.ts';
import type { Exec } from '../types.ts';

/** Signals of Linux, for a server that does not tell the number; this program's system may count otherwise. */
const SIGNALS: Readonly<Record<string, number>> = {
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
  STKFLT: 16,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  PWR: 30,
  SYS: 31,
};

/** The code that a shell gives to a command which this signal ended: its name, or its number where it has none. */
export const returncodeOfSignal = (signal: string): number => {
  const name = signal.replace(/^SIG/, '');
  return 128 + (/^\d{1,2}$/.test(name) ? Number(name) : (SIGNALS[name] ?? 0));
};

/**
 * The exit code of a command; 124 at the timeout, 128 + n if signal n ended it. Null while it runs, and if it is lost.
 */
export const returncodeOf = ({
  status,
  exit_code,
  signal,
  signal_number,
}: Pick<Exec, 'status' | 'exit_code' | 'signal'> & Partial<Pick<Exec, 'signal_number'>>): number | null => {
  if (status === 'running' || status === 'lost') return null;
  if (status === 'timed_out') return 124;
  if (signal !== null) return signal_number ? 128 + signal_number : returncodeOfSignal(signal);
  return exit_code ?? -1;
};

/** @throws Conflict if the command is lost: its end is not known */
export const refuseLost = (exec: Exec): void => {
  if (exec.status !== 'lost') return;
  const message = `How ${exec.exec_id} ended is not known: what ran it was lost`;
  const hint = 'Its session ended or its machine died; run the command again in another session.';
  throw new Conflict({ code: 'conflict', message, hint, extra: { exec_id: exec.exec_id } });
};
