import { TASKS, type TaskName, type TaskPayload } from '#contract/tasks.ts';
import type { TaskHandler } from '#ports/queue.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { convergeSession } from '#services/lifecycle/converge.ts';
import { expireSession } from '#services/lifecycle/expire.ts';
import { purgeWorkspace } from '#services/lifecycle/purge-workspace.ts';
import { goOnRemoving } from '#services/lifecycle/remove-storage.ts';
import { noticeReclaim } from '#services/notices/reclaim.ts';
import { sendNotice } from '#services/notices/send.ts';
import { noticeSessionEnd } from '#services/notices/session-end.ts';
import { deliverWebhook } from '#services/webhooks/deliver.ts';

const HANDLERS: { readonly [N in TaskName]: (deps: Deps, payload: TaskPayload<N>) => Promise<unknown> } = {
  'session.converge': convergeSession,
  'session.expire': (deps, { session_id, expires_at }) => expireSession(deps, session_id, undefined, expires_at),
  'session.notice': noticeSessionEnd,
  'session.reclaim': noticeReclaim,
  'notice.send': sendNotice,
  'storage.remove': goOnRemoving,
  'webhook.deliver': deliverWebhook,
  'workspace.purge': purgeWorkspace,
};

const isTask = (name: string): name is TaskName => Object.hasOwn(TASKS, name);

type Delivery =
  | { readonly task: TaskName; readonly payload: object; run(deps: Deps): Promise<unknown> }
  | { readonly task: TaskName | 'unknown'; readonly why: string };

const runOf =
  <N extends TaskName>(task: N, payload: unknown) =>
  (deps: Deps): Promise<unknown> =>
    HANDLERS[task](deps, payload as TaskPayload<N>);

/** Checks a delivery against the catalogue. The error contains no value, because a payload may contain secrets. */
const read = (task: string, payload: unknown): Delivery => {
  if (!isTask(task)) return { task: 'unknown', why: `the catalogue has no task ${JSON.stringify(task.slice(0, 100))}` };
  const parsed = TASKS[task].payload.safeParse(payload);
  if (parsed.success) return { task, payload: parsed.data, run: runOf(task, parsed.data) };
  const faults = parsed.error.issues.map(
    ({ path, message }) => `${path.map(String).join('.') || 'payload'}: ${message}`,
  );
  return { task, why: faults.join('; ') };
};

/** Is called after every delivery. `dropped`: the catalogue refuses the task, so it is not repeated. */
export type TaskObserver = (task: TaskName | 'unknown', outcome: Outcome, seconds: number) => void;
type Outcome = 'done' | 'failed' | 'dropped';

/**
 * Delivers a task to its handler and logs one line about it. If this throws, the queue must deliver the task again. A
 * task that the catalogue refuses would fail each time, so it is logged as an error and counts as done. No work is
 * lost: the sweeps find all work that is due.
 */
export const createDispatcher =
  (deps: Deps, observe: TaskObserver = () => {}): TaskHandler =>
  async ({ name, task, payload, attempt }) => {
    const started = deps.clock.monotonic();
    const delivery = read(task, payload);
    const tell = (outcome: Outcome) => {
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
