import { setTimeout as pause } from 'node:timers/promises';
import { type sendUnaryData, type ServerUnaryCall, status, type UntypedServiceImplementation } from '@grpc/grpc-js';
import type { QueueMessage, TaskMessage, View } from './messages.ts';
import { parentOf, taskName } from './names.ts';
import { type Paged, pageOf } from './paging.ts';
import type { Queues } from './queues.ts';
import { invalid, Refusal } from './refusal.ts';
import { readTask, type Task, taskMessage } from './task.ts';
import type { Queue } from './queue.ts';
import type { World } from './world.ts';

const MOST_TASKS_A_PAGE = 1000;
/** A call whose own deadline is later is refused. */
const LATEST_DEADLINE_MS = 30_000;

/** Stands for an answer that never comes. */
const SILENCE = Symbol('silence');

type Call = ServerUnaryCall<unknown, unknown>;
type Method = (request: never, call: Call) => object | typeof SILENCE | Promise<object | typeof SILENCE>;

interface OfTask {
  readonly name?: string;
  readonly responseView?: View;
}

const onQueue =
  (queues: Queues, change: (queue: Queue) => void): Method =>
  ({ name }: { readonly name?: string }): QueueMessage => {
    const queue = queues.find(name);
    change(queue);
    return queue.message();
  };

const findTask = (queues: Queues, name: string | undefined): { readonly queue: Queue; readonly task: Task } => {
  const queue = queues.find(parentOf(taskName(name)));
  return { queue, task: queue.find(name ?? '') };
};

interface CreateTask {
  readonly parent?: string;
  readonly task?: TaskMessage;
  readonly responseView?: View;
}

/** When the caller gives up. */
const deadlineOf = (call: Call): number => {
  const deadline = call.getDeadline();
  return typeof deadline === 'number' ? deadline : deadline.getTime();
};

/** Holds a `createTask` back for as long as a test wants, or until its caller gives up. */
const stall = async ({ faults: { stall_ms }, counts }: World, call: Call): Promise<void> => {
  counts.creating += 1;
  counts.most_creating = Math.max(counts.most_creating, counts.creating);
  counts.longest_wait_ms = Math.max(counts.longest_wait_ms, deadlineOf(call) - Date.now());
  const over = new AbortController();
  call.on('cancelled', () => over.abort());
  if (stall_ms > 0) await pause(stall_ms, undefined, { ref: false, signal: over.signal }).catch(() => undefined);
  counts.creating -= 1;
};

const createTask =
  (queues: Queues, world: World): Method =>
  async ({ parent, task, responseView }: CreateTask, call): Promise<object | typeof SILENCE> => {
    await stall(world, call);
    if (call.cancelled) return SILENCE;
    const queue = queues.forNewTask(parent);
    if (!task) throw invalid('CreateTaskRequest.task must be set.');
    const made = readTask(queue.name, task, world.behaviour, world.clock);
    queue.add(made);
    const { lost_answers, lost_answers_share } = world.faults;
    if (lost_answers === 'none' || Math.random() >= lost_answers_share) return taskMessage(made, responseView);
    world.counts.lost_answers += 1;
    if (lost_answers === 'silence') return SILENCE;
    throw new Refusal(status.UNAVAILABLE, 'The service is currently unavailable.');
  };

const methodsOf = (queues: Queues, world: World): Readonly<Record<string, Method>> => ({
  CreateQueue: (request: Parameters<Queues['create']>[0]) => queues.create(request),
  UpdateQueue: (request: Parameters<Queues['update']>[0]) => queues.update(request),
  ListQueues: (request: Parameters<Queues['list']>[0]) => queues.list(request),
  DeleteQueue: (request: { readonly name?: string }) => queues.delete(request),
  GetQueue: onQueue(queues, () => undefined),
  PurgeQueue: onQueue(queues, (queue) => queue.purge()),
  PauseQueue: onQueue(queues, (queue) => queue.setState('PAUSED')),
  ResumeQueue: onQueue(queues, (queue) => queue.setState('RUNNING')),
  CreateTask: createTask(queues, world),
  GetTask: ({ name, responseView }: OfTask) => taskMessage(findTask(queues, name).task, responseView),
  ListTasks: ({
    parent,
    responseView,
    ...paged
  }: Paged & { readonly parent?: string; readonly responseView?: View }) => {
    const all = queues.find(parent).all();
    const { page, nextPageToken } = pageOf(all, ({ name }) => name, MOST_TASKS_A_PAGE, paged);
    return { tasks: page.map((task) => taskMessage(task, responseView)), nextPageToken };
  },
  DeleteTask: ({ name }: OfTask) => {
    const { queue, task } = findTask(queues, name);
    queue.end(task);
    return {};
  },
  RunTask: ({ name, responseView }: OfTask) => {
    const { queue, task } = findTask(queues, name);
    queue.run(task);
    return taskMessage(task, responseView);
  },
});

const checkDeadline = (call: Call): void => {
  const at = deadlineOf(call);
  if (at - Date.now() <= LATEST_DEADLINE_MS || at === Number.POSITIVE_INFINITY) return;
  throw invalid(
    `The request deadline is ${new Date(at).toISOString()}. The deadline cannot be more than 30s in the future.`,
  );
};

/** The service as grpc-js takes it. */
export const implementationOf = (queues: Queues, world: World): UntypedServiceImplementation => {
  const serve =
    (name: string, method: Method) =>
    async (call: Call, answer: sendUnaryData<unknown>): Promise<void> => {
      const { calls } = world.counts;
      calls[name] = (calls[name] ?? 0) + 1;
      try {
        if (world.faults.outage) throw new Refusal(status.UNAVAILABLE, 'The service is currently unavailable.');
        checkDeadline(call);
        const result = await method(call.request as never, call);
        if (result !== SILENCE) answer(null, result);
      } catch (error) {
        const { code, message } = error instanceof Refusal ? error : { code: status.INTERNAL, message: String(error) };
        answer({ code, details: message });
      }
    };
  return Object.fromEntries(
    Object.entries(methodsOf(queues, world)).map(([name, method]) => [name, serve(name, method)]),
  );
};
