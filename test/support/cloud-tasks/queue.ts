import { status } from '@grpc/grpc-js';
import { DueHeap } from '#drivers/queue/embedded/heap.ts';
import { type Answer, headersOf } from './delivery.ts';
import { type QueueMessage, type RetryConfig, timestampOf } from './messages.ts';
import { Pace } from './pace.ts';
import { notFound, Refusal } from './refusal.ts';
import { isSpent, pauseAfter, type Retries } from './retries.ts';
import { limitsMessage, merged, readLimits, readRetries, retriesMessage } from './settings.ts';
import type { Task } from './task.ts';
import type { World } from './world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TASK_LIFE_MS = 31 * DAY_MS;
const IDLE_MS = 30 * DAY_MS;
/** "A few minutes". */
const WAKING_MS = 180_000;

interface Planned {
  readonly due: number;
  readonly plan: number;
  readonly task: Task;
}

/** A queue, its tasks, and the names that it does not take again yet. */
export class Queue {
  readonly name: string;
  readonly #world: World;
  readonly #pace: Pace;
  readonly #tasks = new Map<string, Task>();
  /** Until when the names of ended tasks are refused. */
  readonly #held = new Map<string, number>();
  readonly #waiting = new DueHeap<Planned>();
  #ready: Planned[] = [];
  #retries: Retries;
  #limits: ReturnType<typeof readLimits>;
  #state: 'RUNNING' | 'PAUSED' = 'RUNNING';
  #purged: number | null = null;
  #active: number;
  #wakes = 0;
  #next: (() => void) | null = null;
  #closed = false;

  constructor(name: string, given: QueueMessage, world: World) {
    this.name = name;
    this.#world = world;
    this.#limits = readLimits(given.rateLimits);
    this.#retries = readRetries(given.retryConfig);
    this.#pace = new Pace(this.#limits, world.behaviour, world.clock);
    this.#active = world.clock.now();
  }

  /** Notes a call. @throws Refusal while a queue that was idle for long wakes up */
  touch(): void {
    const { clock, behaviour } = this.#world;
    const now = clock.now();
    if (behaviour.idle_queue === 'NOT_FOUND' && now - this.#active > IDLE_MS) this.#wakes = clock.after(WAKING_MS);
    this.#active = now;
    if (now < this.#wakes) throw notFound();
  }

  message(): QueueMessage {
    return {
      name: this.name,
      rateLimits: limitsMessage(this.#limits),
      retryConfig: retriesMessage(this.#retries),
      state: this.#state,
      ...(this.#purged === null ? {} : { purgeTime: timestampOf(this.#purged) }),
    };
  }

  /** How much of its rate the system leaves to the queue: 1 where nothing throttles it. */
  get share(): number {
    return this.#pace.share;
  }

  update(given: QueueMessage, paths: readonly string[]): void {
    const limits = merged('rateLimits', limitsMessage(this.#limits), given.rateLimits, paths);
    const retries = merged<RetryConfig>('retryConfig', retriesMessage(this.#retries), given.retryConfig, paths);
    [this.#limits, this.#retries] = [readLimits(limits), readRetries(retries)];
    this.#pace.limits = this.#limits;
    this.pump();
  }

  setState(state: 'RUNNING' | 'PAUSED'): void {
    this.#state = state;
    this.pump();
  }

  purge(): void {
    this.#purged = this.#world.clock.now();
    for (const task of [...this.#tasks.values()]) this.end(task);
  }

  close(): void {
    this.#closed = true;
    this.#next?.();
    for (const task of this.#tasks.values()) task.ended = true;
  }

  /** @throws Refusal if the name is used, or was until lately */
  add(task: Task): void {
    const { clock, counts } = this.#world;
    if (this.#tasks.has(task.name)) throw new Refusal(status.ALREADY_EXISTS, 'Requested entity already exists');
    const held = this.#held.get(task.name);
    if (held !== undefined && held > clock.now()) {
      throw new Refusal(
        status.ALREADY_EXISTS,
        'The task cannot be created because a task with this name existed too recently. For more information about ' +
          'task de-duplication see https://cloud.google.com/tasks/docs/reference/rest/v2/' +
          'projects.locations.queues.tasks/create#body.request_body.FIELDS.task.',
      );
    }
    this.#held.delete(task.name);
    this.#tasks.set(task.name, task);
    counts.created += 1;
    this.#plan(task, task.due);
    this.pump();
  }

  all(): readonly Task[] {
    for (const task of [...this.#tasks.values()]) this.#expire(task);
    return [...this.#tasks.values()];
  }

  /** @throws Refusal if there is no such task, or no longer */
  find(name: string): Task {
    const task = this.#tasks.get(name);
    if (!task || this.#expire(task)) throw notFound();
    return task;
  }

  /** Ends a task: done, deleted or dropped. */
  end(task: Task): void {
    if (task.ended) return;
    const { clock, behaviour } = this.#world;
    task.ended = true;
    this.#tasks.delete(task.name);
    this.#held.set(task.name, clock.after(behaviour.name_held_hours * HOUR_MS));
  }

  /** Delivers a task now, whatever the limits and the state of the queue. */
  run(task: Task): void {
    task.plan += 1;
    this.#begin(task, this.#world.clock.now());
  }

  /** Delivers what is due, as fast as the queue may. */
  pump(): void {
    const { clock, faults } = this.#world;
    this.#next?.();
    this.#next = null;
    if (this.#closed || this.#state === 'PAUSED' || faults.outage) return;
    const now = clock.now();
    if (now < this.#wakes) {
      this.#later(this.#wakes);
      return;
    }
    for (let first = this.#waiting.peek(); first && first.due <= now; first = this.#waiting.peek()) {
      this.#waiting.pop();
      this.#ready.push(first);
    }
    this.#ready = this.#ready.filter(({ task, plan }) => task.plan === plan && !this.#expire(task) && !task.ended);
    while (this.#ready.length > 0) {
      const wait = this.#pace.take();
      if (wait === Number.POSITIVE_INFINITY) return;
      if (wait > 0) {
        this.#later(clock.now() + wait);
        return;
      }
      const task = this.#pick();
      if (task) this.#begin(task, null);
    }
    const next = this.#waiting.peek();
    if (next) this.#later(next.due);
  }

  #pick(): Task | undefined {
    const any = this.#world.behaviour.order === 'any';
    const index = any ? Math.floor(Math.random() * this.#ready.length) : 0;
    return this.#ready.splice(index, 1)[0]?.task;
  }

  #later(at: number): void {
    this.#next = this.#world.clock.at(at, () => this.pump());
  }

  #plan(task: Task, due: number): void {
    task.due = due;
    task.plan += 1;
    this.#waiting.push({ due, plan: task.plan, task });
  }

  #expire(task: Task): boolean {
    if (this.#world.clock.now() - task.created > TASK_LIFE_MS) this.end(task);
    return task.ended;
  }

  /** @param asked when `RunTask` asked for it; null where the task was due */
  #begin(task: Task, asked: number | null): void {
    this.#active = this.#world.clock.now();
    this.#pace.running += 1;
    this.#world.underway(
      this.#attempt(task, asked).finally(() => {
        this.#pace.running -= 1;
        this.pump();
      }),
    );
  }

  async #attempt(task: Task, asked: number | null): Promise<void> {
    const { clock, faults, behaviour, counts, tokens } = this.#world;
    const headers = headersOf(task, tokens, behaviour.retry_headers === 'sent');
    const began = clock.now();
    const times = { scheduleTime: timestampOf(task.due), dispatchTime: timestampOf(began) };
    task.attempts += 1;
    task.first ??= { dispatchTime: times.dispatchTime };
    task.last = times;
    counts.deliveries += 1;
    const { duplicates } = faults;
    if (duplicates === 'at once') this.#repeat(task, headers);
    const answer = await this.#send(task, headers);
    if (duplicates === 'one after the other') this.#repeat(task, headers);
    this.#pace.answered(answer.status);
    if (task.ended) return;
    if (answer.status !== null) task.responses += 1;
    task.last = {
      ...times,
      ...(answer.status === null ? {} : { responseTime: timestampOf(clock.now()) }),
      responseStatus: { code: statusOf(answer), message: answer.why },
    };
    this.#settle(task, answer, began, asked);
  }

  #settle(task: Task, answer: Answer, began: number, asked: number | null): void {
    const { clock, faults, behaviour, counts } = this.#world;
    const isDone = answer.status !== null && answer.status >= 200 && answer.status < 300;
    const isLost = isDone && Math.random() < faults.lost_acknowledgements;
    if (isDone && !isLost) {
      this.end(task);
      return;
    }
    if (isLost) counts.lost_acknowledgements += 1;
    else {
      task.previous = answer.status;
      if (answer.status !== null && answer.status < 500) task.executions += 1;
    }
    task.reason = isLost ? 'the acknowledgement was lost' : answer.why;
    const first = task.first?.dispatchTime;
    const since = first ? (first.seconds ?? 0) * 1000 + (first.nanos ?? 0) / 1e6 : began;
    if (isSpent(task.attempts, since, this.#retries, behaviour, clock)) {
      counts.dropped += 1;
      this.end(task);
      return;
    }
    const pause = pauseAfter(task.attempts, this.#retries, behaviour);
    const from = asked ?? clock.now();
    const wished = answer.retry_after_ms ?? 0;
    this.#plan(task, Math.max(from + Math.max(pause, wished) / clock.factor, clock.now()));
  }

  /** The same delivery once more, as if the service had forgotten the first. Its answer does not count. */
  #repeat(task: Task, headers: Readonly<Record<string, string>>): void {
    this.#world.counts.duplicates += 1;
    this.#world.underway(this.#send(task, headers));
  }

  async #send(task: Task, headers: Readonly<Record<string, string>>): Promise<Answer> {
    const { clock, sender } = this.#world;
    const late = new AbortController();
    const drop = clock.at(clock.after(task.deadline_ms), () => late.abort());
    const stopped = (): void => late.abort();
    this.#world.stopping.addEventListener('abort', stopped);
    try {
      return await sender.send(task, headers, late.signal);
    } finally {
      drop();
      this.#world.stopping.removeEventListener('abort', stopped);
    }
  }
}

/** The code that an attempt is recorded with. */
const statusOf = ({ status: http }: Answer): number => {
  if (http === null) return status.DEADLINE_EXCEEDED;
  if (http < 300) return status.OK;
  const codes: Readonly<Record<number, number>> = {
    400: status.INVALID_ARGUMENT,
    401: status.UNAUTHENTICATED,
    403: status.PERMISSION_DENIED,
    404: status.NOT_FOUND,
    429: status.RESOURCE_EXHAUSTED,
    503: status.UNAVAILABLE,
  };
  return codes[http] ?? (http >= 500 ? status.INTERNAL : status.UNKNOWN);
};
