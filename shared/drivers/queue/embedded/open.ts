import { backoff } from '#platform/retry.ts';
import { type SteadyClock, steadyClock } from '#platform/steady.ts';
import type { Clock, Timer } from '#ports/clock.ts';
import type { Ids } from '#ports/ids.ts';
import type { Logger } from '#ports/logger.ts';
import type { QueuedTask, RetryPolicy, TaskHandler, TaskQueue } from '#ports/queue.ts';
import type { EmbeddedSql } from '../../store/sqlite/sqlite-store.ts';
import { DueHeap } from './heap.ts';
import { Marks } from './marks.ts';
import { type OpenTask, TaskTable } from './task-table.ts';

const NAME = /^[A-Za-z0-9_-]{1,500}$/;
const NAME_HELD_MS = 24 * 3_600_000;
const FURTHEST_MS = 30 * 24 * 3_600_000;
const FORGET_EVERY_MS = 3_600_000;
const FORGET_AT_ONCE = 1000;
/** Timers don't count the time that a machine sleeps, so the queue looks for the next task at least this often. */
const LONGEST_WAIT_MS = 30_000;
const STOP_MS = 10_000;
/**
 * Most deliveries past the policy's last. When the process ended during a delivery, the task did not fail, so the queue
 * repeats it. The number is limited, because the task may be the reason why the process ended.
 */
const CUT_SHORT_MORE = 3;

export interface EmbeddedQueueOptions {
  /** The store whose file also holds the tasks. Close the queue before it. */
  readonly store: { readonly sql: EmbeddedSql };
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'fraction'>;
  readonly log: Logger;
  /** By the name of the task. */
  readonly catalogue: Readonly<Record<string, RetryPolicy>>;
  /** Most handlers that run at once. */
  readonly concurrency?: number;
}

export interface QueueStats {
  /** Tasks that are neither done nor running, including tasks for later. */
  readonly depth: number;
  /** How long the longest overdue task has waited past its time. */
  readonly oldest_age_ms: number;
  readonly running: number;
}

/** A task in memory. Its row has the wall clock's instant; here it is due by a clock that is never set back. */
interface Waiting {
  readonly due: number;
  readonly entry: OpenTask;
}

/** Durable tasks in the store's own file, delivered in this process. */
export const openEmbeddedQueue = (options: EmbeddedQueueOptions): EmbeddedQueue => new EmbeddedQueue(options);

export class EmbeddedQueue implements TaskQueue {
  readonly #options: EmbeddedQueueOptions;
  readonly #table: TaskTable;
  readonly #marks: Marks;
  readonly #steady: SteadyClock;
  readonly #waiting = new DueHeap<Waiting>();
  /** Waiting and running tasks by name, each once. */
  readonly #known = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  #handler: TaskHandler | null = null;
  #next: Timer | null = null;
  #forgetting: Timer | null = null;
  #stopped = false;

  constructor(options: EmbeddedQueueOptions) {
    this.#options = options;
    const { sql } = options.store;
    this.#steady = steadyClock(options.clock);
    this.#table = new TaskTable(sql.database);
    this.#marks = new Marks({ table: this.#table, sql, clock: options.clock, log: options.log });
  }

  /** @throws TypeError for a task outside the catalogue or a name that some queue refuses */
  async enqueue(task: QueuedTask): Promise<boolean> {
    const { catalogue, clock, store } = this.#options;
    if (!Object.hasOwn(catalogue, task.task)) throw new TypeError(`the catalogue has no task "${task.task}"`);
    if (!NAME.test(task.name)) throw new TypeError(`"${task.name}" can’t be the name of a task`);
    const now = clock.now();
    const at = Math.round(Math.min(task.at ?? now, now + FURTHEST_MS));
    if (!Number.isFinite(at)) throw new TypeError(`task ${task.name} has no instant`);
    const { name } = task;
    const entry: OpenTask = { name, task: task.task, payload: JSON.stringify(task.payload), due: at, attempt: 0 };
    const added = await store.sql.commit(() => this.#table.insert(entry, now - NAME_HELD_MS));
    if (added) this.#add(entry);
    return added;
  }

  /** Delivers due tasks, now and from now on. */
  async start(handler: TaskHandler): Promise<void> {
    if (this.#handler) throw new Error('the queue was started before');
    this.#handler = handler;
    for (const entry of this.#table.open()) this.#add(entry);
    this.#forget();
  }

  /**
   * Starts no more tasks and waits for running handlers. Tasks still running after `limitMs` are delivered again after
   * the next start.
   */
  async stop(limitMs: number = STOP_MS): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#next?.cancel();
    this.#forgetting?.cancel();
    if (this.#running.size > 0) {
      const limit = new AbortController();
      const ended = Promise.all(this.#running).then(() => limit.abort());
      await Promise.race([ended, this.#options.clock.sleep(limitMs, limit.signal).catch(() => undefined)]);
      if (this.#running.size > 0) {
        this.#options.log.warn(
          { running: this.#running.size },
          'stopped while tasks were running; they will be delivered again',
        );
      }
    }
    await this.#marks.close();
  }

  stats(): QueueStats {
    const oldest = this.#waiting.peek();
    const age = oldest ? this.#steady.now() - oldest.due : 0;
    return { depth: this.#waiting.size, oldest_age_ms: Math.max(0, age), running: this.#running.size };
  }

  #add(entry: OpenTask): void {
    if (!this.#handler || this.#stopped || this.#known.has(entry.name)) return;
    if (!Object.hasOwn(this.#options.catalogue, entry.task)) {
      this.#options.log.warn(
        { task: entry.task, name: entry.name },
        'a task that this version does not know stays in the queue',
      );
      return;
    }
    this.#known.add(entry.name);
    this.#wait(entry);
    this.#pump();
  }

  #wait(entry: OpenTask): void {
    this.#waiting.push({ due: this.#steady.dueAt(entry.due), entry });
  }

  #pump(): void {
    const { clock, concurrency = 64 } = this.#options;
    this.#next?.cancel();
    this.#next = null;
    while (!this.#stopped && this.#running.size < concurrency) {
      const first = this.#waiting.peek();
      if (!first) return;
      const wait = first.due - this.#steady.now();
      if (wait > 0) {
        this.#next = clock.timer(Math.min(wait, LONGEST_WAIT_MS), () => this.#pump());
        return;
      }
      this.#waiting.pop();
      const run = this.#run(first.entry).finally(() => {
        this.#running.delete(run);
        this.#pump();
      });
      this.#running.add(run);
    }
  }

  async #run(entry: OpenTask): Promise<void> {
    const { catalogue, clock, ids, log } = this.#options;
    const policy = catalogue[entry.task];
    if (!policy) return;
    const fields = { task: entry.task, name: entry.name, attempt: entry.attempt + 1 };
    if (entry.attempt >= policy.max_attempts + CUT_SHORT_MORE) {
      log.error(fields, 'the process ended during every attempt of a task, which is dropped');
      this.#done(entry);
      return;
    }
    entry.attempt += 1;
    // Counted before the task runs, so that an attempt during which the process ends counts too.
    this.#marks.set({ ...entry, done_at: null });
    const failure = await this.#deliver(entry, policy.deadline_ms);
    if (failure && entry.attempt < policy.max_attempts) {
      const { min_backoff_ms, max_backoff_ms, max_doublings } = policy;
      const pause = backoff(entry.attempt, min_backoff_ms, max_backoff_ms, ids.fraction(), max_doublings);
      const again_in_ms = Math.round(Math.max(policy.min_backoff_ms, pause));
      entry.due = clock.now() + again_in_ms;
      log.warn({ ...fields, error: failure.error, again_in_ms }, 'a task failed');
      this.#marks.set({ ...entry, done_at: null });
      if (!this.#stopped) this.#wait(entry);
      return;
    }
    if (failure) log.error({ ...fields, error: failure.error }, 'a task failed at its last attempt and is dropped');
    this.#done(entry);
  }

  #done(entry: OpenTask): void {
    this.#marks.set({ ...entry, done_at: this.#options.clock.now() });
    this.#known.delete(entry.name);
  }

  /** null if the handler succeeded in time. */
  async #deliver(entry: OpenTask, deadlineMs: number): Promise<{ readonly error: unknown } | null> {
    const handler = this.#handler;
    if (!handler) return null;
    const { name, task, attempt } = entry;
    const late = Promise.withResolvers<never>();
    const timer = this.#options.clock.timer(deadlineMs, () => {
      late.reject(new Error(`no answer within ${deadlineMs} ms`));
    });
    try {
      const payload: unknown = JSON.parse(entry.payload);
      await Promise.race([late.promise, Promise.resolve().then(() => handler({ name, task, payload, attempt }))]);
      return null;
    } catch (error) {
      return { error };
    } finally {
      timer.cancel();
    }
  }

  #forget(): void {
    const { clock, log, store } = this.#options;
    const step = async (): Promise<void> => {
      const before = clock.now() - NAME_HELD_MS;
      for (let gone = FORGET_AT_ONCE; gone === FORGET_AT_ONCE && !this.#stopped; ) {
        gone = await store.sql.commitLazily(() => this.#table.forget(before, FORGET_AT_ONCE));
      }
    };
    step().catch((error: unknown) => {
      if (!this.#stopped) log.warn({ error }, 'names of old tasks could not be freed');
    });
    this.#forgetting = clock.timer(FORGET_EVERY_MS, () => this.#forget());
  }
}
