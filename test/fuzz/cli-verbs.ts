import { join } from 'node:path';
import { lines, linesCommand, printed, sleepCommand, slept, type Traits } from './sdk-verbs.ts';

export interface Scene {
  readonly mark: string;
  readonly seconds: number;
  /** The session that all use. */
  readonly session: string;
  /** What was prepared: a session or a command. */
  readonly prepared: string;
  /** A folder of this machine. */
  readonly folder: string;
}

export interface CliVerb extends Traits {
  readonly args: (scene: Scene) => readonly string[];
  readonly input?: (mark: string) => string;
  /** What it prints on stdout; a pattern where that is an id. */
  readonly stdout: (mark: string) => string | RegExp;
  /** A file of this machine that it writes, or of the session (`session:`). */
  readonly writes?: (scene: Scene) => string;
}

const RUN = (mark: string): readonly string[] => ['run', '-q', '--ttl', '5m', '--user', 'fuzz', '-l', `mark=${mark}`];
const ID = /^[a-z]{3}-\w+\n$/;
const nothing = (): string => '';

export const CLI_VERBS: Readonly<Record<string, CliVerb>> = {
  run: {
    makes: 'session',
    args: ({ mark }) => [...RUN(mark), '--no-input', '--', linesCommand(mark)],
    stdout: lines,
  },
  'run-sleep': {
    makes: 'session',
    args: ({ mark, seconds }) => [...RUN(mark), '--no-input', '--', sleepCommand(mark, seconds)],
    stdout: slept,
  },
  'run-input': {
    makes: 'session',
    args: ({ mark }) => [...RUN(mark), '--', `: ${mark}; cat`],
    input: lines,
    stdout: lines,
  },
  exec: { args: ({ mark, session }) => ['exec', '--no-input', session, '--', linesCommand(mark)], stdout: lines },
  'exec-sleep': {
    args: ({ mark, session, seconds }) => ['exec', '--no-input', session, '--', sleepCommand(mark, seconds)],
    stdout: slept,
  },
  'exec-input': {
    args: ({ mark, session }) => ['exec', session, '--', `: ${mark}; cat`],
    input: lines,
    stdout: lines,
  },
  detach: {
    holds: 'exec',
    args: ({ mark, session, seconds }) => ['exec', '-d', session, '--', sleepCommand(mark, seconds)],
    stdout: () => ID,
  },
  attach: {
    needs: 'printing',
    args: ({ session, prepared }) => ['attach', '--replay', '--no-input', session, prepared],
    stdout: printed,
  },
  logs: { needs: 'printing', args: ({ session, prepared }) => ['logs', '-f', session, prepared], stdout: printed },
  wait: { needs: 'printing', args: ({ session, prepared }) => ['wait', session, prepared], stdout: () => /^.*\n?$/ },
  kill: { needs: 'waiting', args: ({ session, prepared }) => ['kill', session, prepared], stdout: () => /^.*\n?$/ },
  'cp-out': {
    needs: 'file',
    args: ({ session, mark, folder }) => ['cp', '-q', `${session}:${mark}.out`, join(folder, `${mark}.out`)],
    writes: ({ folder, mark }) => join(folder, `${mark}.out`),
    stdout: nothing,
  },
  'cp-in': {
    needs: 'file',
    args: ({ session, mark, folder }) => ['cp', '-q', join(folder, `${mark}.in`), `${session}:${mark}.in`],
    writes: ({ mark }) => `session:${mark}.in`,
    stdout: nothing,
  },
  create: {
    makes: 'session',
    holds: 'session',
    args: ({ mark }) => ['sessions', 'create', '-q', '--ttl', '5m', '--user', 'fuzz', '-l', `mark=${mark}`],
    stdout: () => ID,
  },
  rm: { needs: 'session', args: ({ prepared }) => ['rm', '-q', prepared], stdout: () => ID },
  ls: { args: () => ['ls', '--json'], stdout: () => /^\s*[[{]/ },
  get: { args: ({ session }) => ['sessions', 'get', '--json', session], stdout: () => /^\s*[[{]/ },
  workspace: {
    holds: 'workspace',
    args: ({ mark }) => ['workspaces', 'create', '-q', '--user', 'fuzz', mark],
    stdout: (mark) => `${mark}\n`,
  },
  key: {
    holds: 'key',
    args: ({ mark }) => ['keys', 'create', '--user', 'fuzz', mark],
    stdout: () => /^omk_[\w-]+\n$/,
  },
};
