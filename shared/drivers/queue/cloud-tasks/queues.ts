import type { RetryPolicy } from '#ports/queue.ts';

/** What Cloud Tasks allows, per queue. */
const MOST_PER_SECOND = 500;
const MOST_CONCURRENT = 5000;
const SHORTEST_BACKOFF_MS = 100;
const LONGEST_ID = 100;

type Catalogue = Readonly<Record<string, RetryPolicy>>;

export interface QueueSettings {
  readonly prefix: string;
  readonly catalogue: Catalogue;
  /** What the worker can take at once. The queues together never deliver more. */
  readonly capacity: { readonly max_instances: number; readonly concurrency: number };
  /**
   * For so long after its first delivery a task is not dropped, however often it failed: a spike in which the platform
   * itself answers 429 or 500 uses up attempts fast. 0 counts attempts alone.
   */
  readonly retry_for_ms: number;
}

/** A queue as it is to be created. Durations are milliseconds. */
export interface QueueConfig {
  readonly task: string;
  readonly id: string;
  readonly rate_limits: { readonly max_dispatches_per_second: number; readonly max_concurrent_dispatches: number };
  readonly retry_config: {
    readonly max_attempts: number;
    /** A task is dropped once this is over and its attempts are used up: both. */
    readonly max_retry_duration_ms: number;
    readonly min_backoff_ms: number;
    readonly max_backoff_ms: number;
    readonly max_doublings: number;
  };
}

/** The id of the queue of a task, whose name has dots where an id has dashes. */
const queueIdOf = (prefix: string, task: string): string => `${prefix}${task.replaceAll('.', '-')}`;

/**
 * The id of each task’s queue. @throws TypeError for an id that Cloud Tasks refuses, and for two tasks with one id
 */
export const queueIdsOf = (prefix: string, catalogue: Catalogue): ReadonlyMap<string, string> => {
  const ids = new Map<string, string>();
  const tasks = new Map<string, string>();
  for (const task of Object.keys(catalogue)) {
    const id = queueIdOf(prefix, task);
    if (!/^[A-Za-z0-9-]+$/.test(id) || id.length > LONGEST_ID) {
      throw new TypeError(
        `"${id}" can’t be the id of a queue: use at most ${LONGEST_ID} letters, digits and dashes in the prefix and the task`,
      );
    }
    const other = tasks.get(id);
    if (other !== undefined)
      throw new TypeError(`the tasks ${other} and ${task} would share the queue ${id}: rename one`);
    tasks.set(id, task);
    ids.set(task, id);
  }
  return ids;
};

const wholeSeconds = (ms: number): number => Math.ceil(ms / 1000) * 1000;

/** The queues of a deployment, one for each task of the catalogue: what infrastructure and tests create. */
export const queueConfigs = ({ prefix, catalogue, capacity, retry_for_ms }: QueueSettings): readonly QueueConfig[] => {
  const ids = queueIdsOf(prefix, catalogue);
  const places = capacity.max_instances * capacity.concurrency;
  const share = Math.min(MOST_CONCURRENT, Math.floor(places / ids.size));
  if (!(share >= 1)) {
    throw new TypeError(
      `${capacity.max_instances} instances with ${capacity.concurrency} requests each are too few for ${ids.size} queues: ` +
        'raise one of the two',
    );
  }
  return [...ids].map(([task, id]) => {
    const policy = catalogue[task];
    if (!policy) throw new TypeError(`the catalogue has no task "${task}"`);
    const min_backoff_ms = Math.max(SHORTEST_BACKOFF_MS, policy.min_backoff_ms);
    return {
      ...{ task, id },
      rate_limits: { max_dispatches_per_second: MOST_PER_SECOND, max_concurrent_dispatches: share },
      retry_config: {
        max_attempts: policy.max_attempts,
        // Cloud Tasks cuts off a part of a second.
        max_retry_duration_ms: wholeSeconds(retry_for_ms),
        min_backoff_ms,
        max_backoff_ms: Math.max(min_backoff_ms, policy.max_backoff_ms),
        max_doublings: policy.max_doublings,
      },
    };
  });
};

interface Duration {
  readonly seconds: number;
  readonly nanos: number;
}

/** A duration or an epoch instant as the client takes it. */
export const secondsOf = (ms: number): Duration => {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) };
};

/** A queue as `createQueue` and `updateQueue` take it. @param location `projects/P/locations/L` */
export const queueMessage = (location: string, { id, rate_limits, retry_config }: QueueConfig) => ({
  name: `${location}/queues/${id}`,
  rateLimits: {
    maxDispatchesPerSecond: rate_limits.max_dispatches_per_second,
    maxConcurrentDispatches: rate_limits.max_concurrent_dispatches,
  },
  retryConfig: {
    maxAttempts: retry_config.max_attempts,
    maxRetryDuration: secondsOf(retry_config.max_retry_duration_ms),
    minBackoff: secondsOf(retry_config.min_backoff_ms),
    maxBackoff: secondsOf(retry_config.max_backoff_ms),
    maxDoublings: retry_config.max_doublings,
  },
});
