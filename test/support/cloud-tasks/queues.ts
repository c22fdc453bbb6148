import { status } from '@grpc/grpc-js';
import type { QueueMessage } from './messages.ts';
import { locationName, parentOf, queueName } from './names.ts';
import { type Paged, pageOf } from './paging.ts';
import { Queue } from './queue.ts';
import { invalid, notFound, Refusal } from './refusal.ts';
import type { World } from './world.ts';

const DAY_MS = 86_400_000;
const MOST_QUEUES_A_PAGE = 9800;

/** The queues of a server, and the names of deleted ones. */
export class Queues {
  readonly #world: World;
  readonly #queues = new Map<string, Queue>();
  readonly #deleted = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  get all(): readonly Queue[] {
    return [...this.#queues.values()];
  }

  create({ parent, queue = {} }: { readonly parent?: string; readonly queue?: QueueMessage }): QueueMessage {
    const location = locationName(parent);
    const name = queueName(queue.name);
    if (parentOf(name) !== location) throw invalid(`The queue ${name} does not belong to ${location}.`);
    if (this.#queues.has(name)) throw new Refusal(status.ALREADY_EXISTS, 'Queue already exists');
    return this.#open(name, queue);
  }

  /** Changes a queue, and makes one that is not there. */
  update({
    queue = {},
    updateMask,
  }: {
    readonly queue?: QueueMessage;
    readonly updateMask?: { readonly paths?: readonly string[] };
  }): QueueMessage {
    const name = queueName(queue.name);
    const known = this.#queues.get(name);
    if (!known) return this.#open(name, queue);
    known.touch();
    known.update(queue, updateMask?.paths ?? []);
    return known.message();
  }

  list({ parent, ...paged }: Paged & { readonly parent?: string }): {
    readonly queues: readonly QueueMessage[];
    readonly nextPageToken: string;
  } {
    const location = locationName(parent);
    const mine = this.all.filter(({ name }) => parentOf(name) === location);
    const { page, nextPageToken } = pageOf(mine, ({ name }) => name, MOST_QUEUES_A_PAGE, paged);
    return { queues: page.map((queue) => queue.message()), nextPageToken };
  }

  delete({ name }: { readonly name?: string }): object {
    const queue = this.find(name);
    queue.close();
    this.#queues.delete(queue.name);
    const { clock, behaviour } = this.#world;
    this.#deleted.set(queue.name, clock.after(behaviour.queue_name_held_days * DAY_MS));
    return {};
  }

  /** A queue for a call about it. @throws Refusal if it is not there, or wakes up */
  find(name: string | undefined): Queue {
    const queue = this.#queues.get(queueName(name));
    if (!queue) throw notFound('Queue does not exist.');
    queue.touch();
    return queue;
  }

  /** A queue for a new task, which is refused in another way where there is none. */
  forNewTask(name: string | undefined): Queue {
    const key = queueName(name);
    if (this.#queues.has(key) || this.#world.behaviour.missing_queue === 'NOT_FOUND') return this.find(key);
    throw new Refusal(
      status.FAILED_PRECONDITION,
      this.#isHeld(key)
        ? 'The queue no longer exists, though a queue with this name existed recently.'
        : 'Queue does not exist. If you just created the queue, wait at least a minute for the queue to initialize.',
    );
  }

  #isHeld(name: string): boolean {
    return (this.#deleted.get(name) ?? 0) > this.#world.clock.now();
  }

  #open(name: string, given: QueueMessage): QueueMessage {
    if (this.#isHeld(name)) {
      throw new Refusal(
        status.FAILED_PRECONDITION,
        'The queue cannot be created because a queue with this name existed too recently.',
      );
    }
    const queue = new Queue(name, given, this.#world);
    this.#queues.set(name, queue);
    return queue.message();
  }
}
