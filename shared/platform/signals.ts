/**
 * Signals of Linux by name, without `SIG`. The SDKs have a copy each, because they import nothing from here:
 * test/vectors/signals.json holds all of them to the same numbers.
 */
const NUMBERS = {
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
} as const satisfies Readonly<Record<string, number>>;

/** They also reach what an ended command has left behind. PIPE says that a caller is gone, and no caller waits for that. */
export const ENDS_LEFT: ReadonlySet<string> = new Set(['TERM', 'KILL']);

/** The names of the signals from 1 on. Signals above 31 have none. */
export const SIGNAL_NAMES: readonly string[] = Object.keys(NUMBERS);

/** A signal's name, without `SIG`; for a signal without a name its number. */
export const signalName = (number: number): string => SIGNAL_NAMES[number - 1] ?? String(number);

/** The number of a signal, by its name or its number as text, with or without `SIG`; null where there is no such one. */
export const signalNumber = (name: string): number | null => {
  const plain = name.replace(/^SIG/, '');
  if (/^\d{1,2}$/.test(plain)) return Number(plain);
  return Object.hasOwn(NUMBERS, plain) ? NUMBERS[plain as keyof typeof NUMBERS] : null;
};
