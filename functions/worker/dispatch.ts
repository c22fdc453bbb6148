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

const handle = async <N extends TaskName>(deps: Deps, name: N, payload: unknown): Promise<void> => {
  const parsed = TASKS[name].payload.safeParse(payload);
  if (!parsed.success)
    throw new Error(`the payload of ${name} is not what the catalogue says: ${parsed.error.message}`);
  await HANDLERS[name](deps, parsed.data as TaskPayload<N>);
};

/** Told of every task that was delivered. */
export type TaskObserver = (task: string, outcome: 'done' | 'failed', seconds: number) => void;

/** Delivers a task to its one handler, by the catalogue, and writes one line about it. A throw means: again. */
export const createDispatcher =
  (deps: Deps, observe: TaskObserver = () => {}): TaskHandler =>
  async ({ name, task, payload, attempt }) => {
    const started = deps.clock.monotonic();
    const fields = () => ({
      task,
      name,
      delivery: attempt,
      ms: Math.round(deps.clock.monotonic() - started),
      ...(payload as object),
    });
    try {
      if (!isTask(task)) throw new Error(`the catalogue has no task ${task}`);
      await handle(deps, task, payload);
      observe(task, 'done', (deps.clock.monotonic() - started) / 1000);
      deps.log.info({ ...fields(), outcome: 'done' }, 'task');
    } catch (error) {
      observe(task, 'failed', (deps.clock.monotonic() - started) / 1000);
      deps.log.error({ ...fields(), outcome: 'failed', err: error }, 'task');
      throw error;
    }
  };
