import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Outcome {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams, in the order in which they were read. */
  readonly printed: string;
}

export interface Started {
  readonly child: ChildProcess;
  /** The text that the program has printed so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly printed: () => string;
  readonly ended: Promise<Outcome>;
}

export interface ProgramOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string | undefined;
  /** The piped input. Without it stdin is empty; `open` keeps stdin open. */
  readonly input?: string | Uint8Array | 'open' | undefined;
  /** The user as whom it runs. Default: the user of the tests. */
  readonly uid?: number | undefined;
}

/** Starts a program and collects what it prints. */
export const startProgram = (program: string, args: readonly string[], options: ProgramOptions): Started => {
  const { env, cwd, input, uid } = options;
  const child = spawn(program, args, {
    env,
    cwd,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const texts = { stdout: '', stderr: '', printed: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
      texts.printed += text;
    });
  }
  // If the program stops reading, the test that pipes into it does not fail.
  child.stdin?.on('error', () => {});
  if (input !== undefined && input !== 'open') child.stdin?.end(input);
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...texts }) as Outcome);
  return {
    child,
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    printed: () => texts.printed,
    ended,
  };
};
