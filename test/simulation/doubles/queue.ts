import { TASKS, type TaskName } from '#contract/tasks.ts';
import { backoff } from '#platform/retry.ts';
import type { QueuedTask, TaskHandler, TaskQueue } from '#ports/queue.ts';
import type { Process, Universe } from '../world/process.ts';

interface Receiver {
  readonly process: Process;
  readonly handle: TaskHandler;
}

/**
 * A durable queue outside all processes. A name can be used once. Tasks arrive in any order, late, and sometimes twice.
 * As a fault, some accepted tasks are never delivered.
 */
export class SimulatedQueue {
  readonly #universe: Universe;
  readonly #receivers: () => readonly Receiver[];
  readonly #names = new Set<string>();
  readonly counts = { enqueued: 0, refused: 0, duplicated: 0, lost: 0, dropped: 0 };

  constructor(universe: Universe, receivers: () => readonly Receiver[]) {
    this.#universe = universe;
    this.#receivers = receivers;
  }

  for(process: Process): TaskQueue {
    return {
      enqueue: (task) =>
        process.reach(`enqueue ${task.task} ${JSON.stringify(task.payload)}`, () => this.#take(task), {
          rate: this.#universe.chaos.queue,
          error: () => new Error('the queue did not answer'),
        }),
    };
  }

  #take(task: QueuedTask): boolean {
    const { random, timeline, trace, chaos } = this.#universe;
    if (this.#names.has(task.name)) {
      this.counts.refused += 1;
      return false;
    }
    this.#names.add(task.name);
    this.counts.enqueued += 1;
    if (!chaos.calm && random.chance(chaos.lost)) {
      this.counts.lost += 1;
      trace.add(timeline.now, 'queue', 'loses', task.payload);
      return true;
    }
    const due = Math.max(0, (task.at ?? 0) - timeline.now);
    timeline.after(due + this.#delay(), () => this.#deliver(task, 1));
    if (!chaos.calm && random.chance(chaos.duplicate)) {
      this.counts.duplicated += 1;
      timeline.after(due + random.whole(0, random.pick([10, 500, 60_000])), () => this.#deliver(task, 1));
    }
    return true;
  }

  #delay(): number {
    const { random, chaos } = this.#universe;
    if (chaos.calm || random.chance(0.8)) return random.whole(0, 30);
    return random.whole(0, random.pick([300, 3_000, 20_000]));
  }

  #deliver(task: QueuedTask, attempt: number): void {
    const { random, timeline, trace } = this.#universe;
    const receivers = this.#receivers().filter(({ process }) => process.alive);
    if (receivers.length === 0) {
      timeline.after(random.whole(200, 2_000), () => this.#deliver(task, attempt));
      return;
    }
    const { process, handle } = random.pick(receivers);
    const policy = TASKS[task.task as TaskName].retry;
    let over = false;
    const again = (ms: number): void => {
      if (over) return;
      over = true;
      if (attempt >= policy.max_attempts) {
        this.counts.dropped += 1;
        trace.add(timeline.now, 'queue', 'drops after its last attempt', task.payload);
        return;
      }
      timeline.after(ms, () => this.#deliver(task, attempt + 1));
    };
    trace.add(timeline.now, process.name, `task ${task.task}`, task.payload);
    timeline.after(policy.deadline_ms, () => again(0));
    process.onDeath(() => again(random.whole(100, 20_000)));
    const payload: unknown = JSON.parse(JSON.stringify(task.payload));
    handle({ name: task.name, task: task.task, payload, attempt }).then(
      () => {
        over = true;
      },
      () =>
        again(backoff(attempt, policy.min_backoff_ms, policy.max_backoff_ms, random.fraction(), policy.max_doublings)),
    );
  }
}
