/** What a verb leaves on purpose, and needs before it begins. */
export interface Traits {
  /** It may leave a session, a command, a workspace or a key once it has said so. */
  readonly holds?: 'session' | 'exec' | 'workspace' | 'key';
  /** It creates sessions, whose label is the mark. */
  readonly makes?: 'session';
  /** What is prepared for it: a session to end, a command that prints, or one that waits. */
  readonly needs?: 'session' | 'printing' | 'waiting' | 'file';
  /** Its connection may break: what runs in it is then not known, and the call says so. */
  readonly mayBreak?: boolean;
}

/** Enough for several pieces. */
const LINES = 3000;
/** A command whose every line says whose it is. */
export const linesCommand = (mark: string): string => `seq -f '${mark}-%05g' 1 ${LINES}`;
export const lines = (mark: string): string =>
  Array.from({ length: LINES }, (_, at) => `${mark}-${String(at + 1).padStart(5, '0')}\n`).join('');
export const sleepCommand = (mark: string, seconds: number): string =>
  `echo ${mark}; sleep ${seconds}; echo ${mark}-end`;
export const slept = (mark: string): string => `${mark}\n${mark}-end\n`;
export const printingCommand = (mark: string): string => `for i in 1 2 3 4 5 6; do echo ${mark}-$i; sleep 0.1; done`;
export const printed = (mark: string): string => [1, 2, 3, 4, 5, 6].map((at) => `${mark}-${at}\n`).join('');

export interface SdkVerb extends Traits {
  readonly command?: (mark: string, seconds: number) => string;
  /** What its program says at its end. */
  readonly output: (mark: string) => string;
}

const ok = (): string => 'ok';

/** The verbs that each driver program has. */
export const SDK_VERBS: Readonly<Record<string, SdkVerb>> = {
  'create-block': { makes: 'session', command: (mark) => `echo ${mark}`, output: (mark) => `${mark}\n` },
  create: { makes: 'session', holds: 'session', output: ok },
  run: { command: linesCommand, output: lines },
  'run-sleep': { command: sleepCommand, output: slept },
  'run-input': { command: (mark) => `: ${mark}; cat`, output: lines },
  stream: { command: linesCommand, output: lines },
  'stream-sleep': { command: sleepCommand, output: slept },
  iterate: { holds: 'exec', command: linesCommand, output: lines },
  start: { holds: 'exec', command: sleepCommand, output: (mark) => `${slept(mark)}0` },
  stdin: { holds: 'exec', command: (mark) => `: ${mark}; cat`, output: lines },
  signal: { holds: 'exec', command: (mark) => `sleep 60; : ${mark}`, output: () => '143' },
  kill: { holds: 'exec', command: (mark) => `sleep 60; : ${mark}`, output: () => '137' },
  shell: { command: sleepCommand, output: slept, mayBreak: true },
  terminal: { output: (mark) => `${mark}-42`, mayBreak: true },
  reads: { output: ok },
  delete: { needs: 'session', output: () => 'terminated' },
  workspace: { holds: 'workspace', output: ok },
  key: { holds: 'key', output: ok },
  follow: { needs: 'printing', output: printed },
  execute: { command: sleepCommand, output: slept },
  extend: { output: ok },
};
