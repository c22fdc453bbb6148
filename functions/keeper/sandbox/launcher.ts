import { type ChildProcess, spawn } from 'node:child_process';
import { LAUNCHER, launcherEnv, planText, type Step } from './plan.ts';
import { identify, type ProcessId } from './proc.ts';

/** A sandbox being made: its plan is fed in parts, and it says when it has come to the end of one. */
export interface Launch {
  readonly process: ChildProcess;
  feed(steps: readonly Step[]): void;
  /** Resolves when the plan said this word. @throws Error with the step that failed. */
  reached(word: string): Promise<void>;
  /** Process 1, as the host sees it. Known once a word was reached. */
  init(): ProcessId;
  /** Resolves when the outer process has ended, and with it everything inside. */
  readonly gone: Promise<void>;
}

/** @throws Error when the launcher itself can't be started. */
export function launch(perl: string): Launch {
  const child = spawn(perl, [LAUNCHER, '-'], {
    cwd: '/',
    env: launcherEnv(),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const said = new Set<string>();
  let init: ProcessId | null = null;
  let buffered = '';
  let complaint = '';
  let over = false;
  const waiters = new Set<() => void>();
  const changed = () => {
    for (const waiter of [...waiters]) waiter();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    buffered += text;
    const lines = buffered.split('\n');
    buffered = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('pid ')) init = identify(Number(line.slice(4)));
      else said.add(line);
    }
    changed();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  child.stdin.on('error', () => undefined);
  const gone = new Promise<void>((resolve) => {
    const ended = () => {
      over = true;
      changed();
      resolve();
    };
    child.once('close', ended);
    child.once('error', (error) => {
      complaint += error.message;
      if (child.pid === undefined) ended();
    });
  });
  return {
    process: child,
    feed: (steps) => {
      child.stdin.write(planText(steps));
    },
    reached: (word) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (said.has(word) && init) resolve();
          else if (over) reject(new Error(complaint.trim() || 'the sandbox ended while it was being made'));
          else return;
          waiters.delete(check);
        };
        waiters.add(check);
        check();
      }),
    init: () => {
      if (!init) throw new Error('process 1 is not known yet');
      return init;
    },
    gone,
  };
}
