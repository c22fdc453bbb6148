import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A terminal sends INT to every process of the foreground; the others come to this process alone. */
const PASSED_ON = ['SIGTERM', 'SIGHUP', ...(process.stdin.isTTY ? [] : ['SIGINT' as const])] as const;

/** Passes on to a child what would end this process, which then waits for the child. @returns what takes that back */
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

/** Runs Node with these arguments, on our own terminal. @returns its exit code; 1 where a signal ended it */
export const runNode = async (args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<number> => {
  const child = spawn(process.execPath, args, { cwd, stdio: 'inherit', env });
  const restore = passSignals(child);
  const [code] = (await once(child, 'exit')) as [number | null];
  restore();
  return code ?? 1;
};
