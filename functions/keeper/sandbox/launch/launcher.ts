import { complaintOf } from './cannot-run.ts';
import { planText, type Step } from './plan.ts';
import type { ProcessId } from '../process/proc.ts';
import { type Spawner, statusLines } from './spawner.ts';

/** A sandbox being made: its plan is fed in parts, and it says when it has come to the end of one. */
export interface Launch {
  feed(steps: readonly Step[]): void;
  /** Resolves when the plan said this word. @throws Error with the step that failed. */
  reached(word: string): Promise<void>;
  /** Process 1, as the host sees it. Known once a word was reached. */
  init(): ProcessId;
  /** Kills the outer process, and with it everything inside. */
  kill(): void;
  /** Resolves when the outer process has ended, and with it everything inside. */
  readonly ended: Promise<void>;
}

/** @throws Error when the launcher itself can't be started. */
export async function launch(spawner: Spawner): Promise<Launch> {
  const { plan, status, kill, child } = await spawner.start({ stdin: false, stdout: false, stderr: false });
  const said = new Set<string>();
  let init: ProcessId | null = null;
  let complaint = '';
  let over = false;
  const waiters = new Set<() => void>();
  const changed = () => {
    for (const waiter of [...waiters]) waiter();
  };
  const ended = new Promise<void>((resolve) => {
    statusLines(
      status,
      (word, rest) => {
        if (word === 'pid') init ??= child(Number(rest));
        else if (word === 'error') complaint += complaintOf(rest).message;
        else said.add(word);
        // Nothing reads further steps.
        if (word === 'begun') plan.destroy();
        // Nothing signals its number after this, so that it may become another's.
        if (word === 'exit') status.destroy();
        changed();
      },
      () => {
        over = true;
        plan.destroy();
        changed();
        resolve();
      },
    );
  });
  return {
    feed: (steps) => {
      plan.write(planText(steps));
    },
    reached: (word) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (said.has(word) && init && !complaint) resolve();
          else if (over) reject(new Error(complaint || 'the sandbox ended while it was being made'));
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
    kill,
    ended,
  };
}
