import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A terminal sends INT to all foreground processes. Only this process gets the other signals. */
const PASSED_ON = ['SIGTERM', 'SIGHUP', ...(process.stdin.isTTY ? [] : ['SIGINT' as const])] as const;

/** How a child ended. */
export interface Ended {
  readonly code: number;
  /** The signal that told this process to end while the child ran, if the child then ended before its work was done. */
  readonly interrupted: NodeJS.Signals | null;
}

/**
 * Forwards to a child the signals that would end this process, so that it waits for the child. @returns the function
 * that stops this
 */
const passSignals = (child: ChildProcess, came: (signal: NodeJS.Signals) => void): (() => void) => {
  const pass = (signal: NodeJS.Signals): void => {
    came(signal);
    child.kill(signal);
  };
  const stay = (signal: NodeJS.Signals): void => came(signal);
  for (const signal of PASSED_ON) process.on(signal, pass);
  process.on('SIGINT', stay);
  return () => {
    for (const signal of PASSED_ON) process.off(signal, pass);
    process.off('SIGINT', stay);
  };
};

/** Runs Node with these arguments on our terminal. Its code is 1 if a signal ended it. */
export const runNode = async (args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Ended> => {
  const child = spawn(process.execPath, args, { cwd, stdio: 'inherit', env });
  let told: NodeJS.Signals | null = null;
  const restore = passSignals(child, (signal) => {
    told ??= signal;
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  restore();
  return { code: code ?? 1, interrupted: code === 0 ? null : told };
};
