import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A terminal sends INT to all foreground processes. Only this process gets the other signals. */
const PASSED_ON = ['SIGTERM', 'SIGHUP', ...(process.stdin.isTTY ? [] : ['SIGINT' as const])] as const;

/**
 * Forwards to a child the signals that would end this process, so that it waits for the child. @returns the function
 * that stops this
 */
const passSignals = (child: ChildProcess): (() => void) => {
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  const stay = (): void => {};
  for (const signal of PASSED_ON) process.on(signal, pass);
  process.on('SIGINT', stay);
  return () => {
    for (const signal of PASSED_ON) process.off(signal, pass);
    process.off('SIGINT', stay);
  };
};

/** Runs Node with these arguments on our terminal. @returns its exit code; 1 if a signal ended it */
export const runNode = async (args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<number> => {
  const child = spawn(process.execPath, args, { cwd, stdio: 'inherit', env });
  const restore = passSignals(child);
  const [code] = (await once(child, 'exit')) as [number | null];
  restore();
  return code ?? 1;
};
