import { TASKS, type TaskName, type TaskPayload } from '#contract/tasks.ts';
import type { TaskHandler } from '#ports/queue.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { convergeSession } from '#services/lifecycle/converge.ts';
import { expireSession } from '#services/lifecycle/expire.ts';
import { purgeWorkspace } from '#services/lifecycle/purge-workspace.ts';

const HANDLERS: { readonly [N in TaskName]: (deps: Deps, payload: TaskPayload<N>) => Promise<unknown> } = {
  'session.converge': convergeSession,
  'session.expire': (deps, { session_id }) => expireSession(deps, session_id),
  'workspace.purge': purgeWorkspace,
};

const isTask = (name: string): name is TaskName => Object.hasOwn(TASKS, name);

type Read =
  | { readonly task: TaskName; readonly payload: object; run(deps: Deps): Promise<unknown> }
  | { readonly task: TaskName | 'unknown'; readonly why: string };

/** A delivery by the catalogue, or why it is none of it. What it holds is not repeated: it may be anything. */
const read = <N extends TaskName>(task: string, payload: unknown): Read => {
  if (!isTask(task)) return { task: 'unknown', why: `the catalogue has no task ${JSON.stringify(task.slice(0, 100))}` };
  const parsed = TASKS[task].payload.safeParse(payload);
  if (!parsed.success) {
    const fields = parsed.error.issues.map(
      ({ path, message }) => `${path.map(String).join('.') || 'payload'}: ${message}`,
    );
    return { task, why: fields.join('; ') };
  }
  const data = parsed.data as TaskPayload<N>;
  return { task, payload: data, run: (deps) => HANDLERS[task as N](deps, data) };
};

/** Told of every task that was delivered. `dropped`: not in the catalogue, and done all the same. */
export type TaskObserver = (
  task: TaskName | 'unknown',
  outcome: 'done' | 'failed' | 'dropped',
  seconds: number,
) => void;

/**
 * Delivers a task to its one handler, by the catalogue, and writes one line about it. A throw means: again. What the
 * catalogue does not have, or not so, would never succeed: it is logged as an error and done. Nothing is lost by that, as
 * the sweeps find everything that a task is about.
 */
export const createDispatcher =
  (deps: Deps, observe: TaskObserver = () => {}): TaskHandler =>
  async ({ name, task, payload, attempt }) => {
    const started = deps.clock.monotonic();
    const delivery = read(task, payload);
    const tell = (outcome: 'done' | 'failed' | 'dropped') => {
      const ms = deps.clock.monotonic() - started;
      observe(delivery.task, outcome, ms / 1000);
      return { task: delivery.task, name, delivery: attempt, ms: Math.round(ms), outcome };
    };
    if ('why' in delivery) {
      deps.log.error({ ...tell('dropped'), why: delivery.why }, 'task');
      return;
    }
    try {
      await delivery.run(deps);
      deps.log.info({ ...delivery.payload, ...tell('done') }, 'task');
    } catch (error) {
      deps.log.error({ ...delivery.payload, ...tell('failed'), err: error }, 'task');
      throw error;
    }
  };
