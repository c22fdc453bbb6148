/**
 * Durable tasks: at least once, in no order. Each task of the catalogue takes a name once: enqueued again within the
 * hour, even after it ran, it does nothing, and for up to 24 hours it may do nothing. Payloads are ids; the handler
 * re-reads everything else.
 */
export interface TaskQueue {
  /**
   * @returns false when the name was used before (the call did nothing). After an answer was lost on the way it may be
   * true all the same.
   * @throws an error if the task is not in the queue, as far as one can know. The caller goes on without it: something
   * that sweeps finds the work.
   */
  enqueue(task: QueuedTask): Promise<boolean>;
}

export interface QueuedTask {
  /** Unique; hashed by the caller (`taskName`), so that names do not come in sequence. */
  readonly name: string;
  /** A task of the catalogue (`#contract/tasks.ts`). */
  readonly task: string;
  readonly payload: Readonly<Record<string, string | number>>;
  /**
   * Not before this instant (epoch milliseconds); at once when left out. What lies more than 30 days ahead comes after
   * 30 days, or some minutes sooner: a task that comes early enqueues itself again.
   */
  readonly at?: number;
}

/** How often and how fast a failed task is delivered again. Read from the catalogue. */
export interface RetryPolicy {
  readonly max_attempts: number;
  readonly min_backoff_ms: number;
  readonly max_backoff_ms: number;
  /**
   * How often the pause doubles, beginning with `min_backoff_ms`. After that it grows linearly, each time by the pause
   * reached.
   */
  readonly max_doublings: number;
  /** If a handler has not answered by then, it counts as dead and the task is delivered again. */
  readonly deadline_ms: number;
}

/** Called by a queue that delivers in process. If it throws, the task is delivered again. */
export type TaskHandler = (task: { name: string; task: string; payload: unknown; attempt: number }) => Promise<void>;
