import { setTimeout as pause } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import pty from '@lydell/node-pty';
import { NODE } from '../../../acceptance/support/server.ts';
import { HANGS_SECONDS } from '../../../acceptance/support/until.ts';
import { CLI } from './cli.ts';

const LIMIT_MS = HANGS_SECONDS * 1000;

export interface Terminal {
  /** All that was printed so far, without colours and cursor movements. */
  text(): string;
  raw(): string;
  type(text: string): void;
  resize(cols: number, rows: number): void;
  kill(signal: string): void;
  readonly pid: number;
  /** Resolves once what was printed behind the last match has it. @throws Error with all that was printed */
  see(pattern: RegExp | string): Promise<void>;
  readonly ended: Promise<{ readonly code: number; readonly signal: number }>;
}

export interface TerminalOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cols?: number;
  readonly rows?: number;
}

/** Starts a program in a pseudo-terminal, as a person does. */
export const openTerminal = (program: string, args: readonly string[], options: TerminalOptions): Terminal => {
  const { env, cols = 100, rows = 30 } = options;
  const child = pty.spawn(program, [...args], {
    name: 'xterm-256color',
    cols,
    rows,
    env: { ...env },
    cwd: env['HOME'] ?? '/',
  });
  let printed = '';
  let seen = 0;
  let over = false;
  child.onData((data) => {
    printed += data;
  });
  const ended = new Promise<{ code: number; signal: number }>((resolve) => {
    child.onExit(({ exitCode, signal }) => {
      over = true;
      resolve({ code: exitCode, signal: signal ?? 0 });
    });
  });
  const text = (): string => stripVTControlCharacters(printed).replaceAll('\r', '');
  const find = (pattern: RegExp | string): boolean => {
    const rest = text().slice(seen);
    const match = typeof pattern === 'string' ? rest.indexOf(pattern) : rest.search(pattern);
    if (match < 0) return false;
    const length = typeof pattern === 'string' ? pattern.length : (pattern.exec(rest)?.[0].length ?? 0);
    seen += match + length;
    return true;
  };
  return {
    text,
    raw: () => printed,
    type: (typed) => child.write(typed),
    resize: (c, r) => child.resize(c, r),
    kill: (signal) => child.kill(signal),
    pid: child.pid,
    see: async (pattern) => {
      const deadline = Date.now() + LIMIT_MS;
      while (!find(pattern)) {
        if (Date.now() > deadline || over) {
          await pause(100);
          if (find(pattern)) return;
          throw new Error(`${over ? 'it ended' : 'it never came'} without ${String(pattern)}:\n${text()}`);
        }
        await pause(20);
      }
    },
    ended,
  };
};

/** Our own program in a terminal. */
export const cliTerminal = (args: readonly string[], options: TerminalOptions): Terminal =>
  openTerminal(NODE, [CLI, ...args], options);
