import type { CloudTasksClient, protos } from '@google-cloud/tasks';
import { retry } from '#platform/retry.ts';
import type { Clock } from '#ports/clock.ts';
import type { Ids } from '#ports/ids.ts';
import type { Logger } from '#ports/logger.ts';
import type { QueuedTask, RetryPolicy, TaskQueue } from '#ports/queue.ts';
import { type Answer, answerOf } from './answers.ts';
import { type Endpoint, SharedClient } from './client.ts';
import { Places } from './places.ts';
import { queueIdsOf, secondsOf } from './queues.ts';

const NAME = /^[A-Za-z0-9_-]{1,500}$/;
const SHORTEST_DEADLINE_MS = 15_000;
const LONGEST_DEADLINE_MS = 1_800_000;
/** Cloud Tasks takes 30 days by its own clock, which may be behind this one. */
const FURTHEST_MS = 30 * 24 * 3_600_000 - 600_000;

/** One call of `createTask`. A call that the service has not answered by then was lost as a rule. */
const TRY_MS = 2_000;
const TRIES = 3;
/** Between two calls. */
const PAUSE_MS = { min_ms: 100, max_ms: 400 } as const;
/** Calls at once. More of them make the service slow for all. */
const MOST_AT_ONCE = 32;

export interface CloudTasksQueueOptions {
  readonly project: string;
  readonly location: string;
  /** Before the name of each task in the id of its queue. */
  readonly queuePrefix: string;
  /** The bare URL of the worker, such as `https://worker.example`, to which paths are added. */
  readonly workerUrl: string;
  /** The audience of the tokens, in the same form. The worker compares it exactly. */
  readonly audience: string;
  /** The email of the account whose tokens the tasks carry. */
  readonly serviceAccount: string;
  /** By the name of the task. */
  readonly catalogue: Readonly<Record<string, RetryPolicy>>;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'fraction'>;
  readonly log: Logger;
  /** A server of a test, reached without TLS and without credentials. */
  readonly endpoint?: Endpoint;
}

type CreateTask = protos.google.cloud.tasks.v2.ICreateTaskRequest;

/** A task that is not in the queue, or may not be. */
class NotEnqueued extends Error {
  readonly answer: Answer;

  constructor(name: string, answer: Answer, cause: unknown) {
    const said = (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '');
    super(`task ${name} was not enqueued: ${said}. ${answer.advice}`, { cause });
    this.answer = answer;
  }
}

/** Said to calls that wait for a place while the service is silent. */
class SentAway extends Error {
  constructor() {
    super('Cloud Tasks answers no call at present');
  }
}

/** @throws TypeError that names the setting, unless it is a URL without path, query and slash at its end */
const bareUrl = (setting: string, value: string): string => {
  if (URL.canParse(value) && new URL(value).origin === value && /^https?:/.test(value)) return value;
  throw new TypeError(
    `${setting} is ${JSON.stringify(value)}: write the bare URL of a service, such as https://worker.example`,
  );
};

const checked = (setting: string, value: string, form: RegExp): string => {
  if (form.test(value)) return value;
  throw new TypeError(`${setting} is ${JSON.stringify(value)}, which Cloud Tasks can’t have: correct the setting`);
};

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

/**
 * Tasks in the queues of Cloud Tasks, one for each task of the catalogue, delivered to the worker over HTTP. A name is
 * unique within its queue. Retries are settings of the queues (`queueConfigs`).
 * @throws TypeError for a setting that is missing or wrong
 */
export const openCloudTasksQueue = async (options: CloudTasksQueueOptions): Promise<CloudTasksQueue> =>
  new CloudTasksQueue(options);

class CloudTasksQueue implements TaskQueue {
  readonly #options: CloudTasksQueueOptions;
  readonly #client: SharedClient;
  readonly #places = new Places(MOST_AT_ONCE);
  /** Calls that the service has answered, whatever it said. */
  #answered = 0;
  /** The full name of each task’s queue. */
  readonly #queues: ReadonlyMap<string, string>;

  constructor(options: CloudTasksQueueOptions) {
    const project = checked('project', options.project, /^[A-Za-z0-9.:-]+$/);
    const location = checked('location', options.location, /^[A-Za-z0-9-]+$/);
    checked('serviceAccount', options.serviceAccount, /^[^@\s]+@[^@\s]+$/);
    bareUrl('workerUrl', options.workerUrl);
    bareUrl('audience', options.audience);
    this.#options = options;
    const ids = queueIdsOf(options.queuePrefix, options.catalogue);
    const parent = `projects/${project}/locations/${location}/queues`;
    this.#queues = new Map([...ids].map(([task, id]) => [task, `${parent}/${id}`]));
    this.#client = new SharedClient(project, options.endpoint);
  }

  /**
   * @returns true also where the name turns out to be used after an answer to this call was lost: then this call used it,
   * as a rule
   * @throws TypeError for a task outside the catalogue or a name that some queue refuses
   */
  async enqueue({ name, task, payload, at }: QueuedTask): Promise<boolean> {
    const request = this.#requestOf({ name, task, payload, ...(at === undefined ? {} : { at }) });
    const { clock, ids, log } = this.#options;
    let mayBeStored = false;
    const once = async (): Promise<boolean> => {
      try {
        await this.#places.run(() => this.#create(request));
        return true;
      } catch (error) {
        const answer = answerOf(error);
        if (answer.verdict === 'pointless') return mayBeStored;
        // A call that was sent away while it waited stored nothing.
        mayBeStored ||= answer.may_be_stored && !(error instanceof SentAway);
        throw new NotEnqueued(name, answer, error);
      }
    };
    const retryable = (error: unknown): boolean => error instanceof NotEnqueued && error.answer.verdict === 'later';
    try {
      return await retry(once, { clock, ids, attempts: TRIES, ...PAUSE_MS, retryable });
    } catch (error) {
      if (error instanceof NotEnqueued && error.answer.verdict === 'bug') {
        log.error({ task, name, queue: request.parent, code: error.answer.code, err: error }, 'a task is refused');
      }
      throw error;
    }
  }

  /** Ends the connection. Calls under way fail. */
  close(): Promise<void> {
    return this.#client.close();
  }

  #requestOf({ name, task, payload, at }: QueuedTask): CreateTask {
    const { audience, catalogue, clock, serviceAccount, workerUrl } = this.#options;
    const parent = this.#queues.get(task);
    const policy = catalogue[task];
    if (parent === undefined || !policy) throw new TypeError(`the catalogue has no task "${task}"`);
    if (!NAME.test(name)) throw new TypeError(`"${name}" can’t be the name of a task`);
    const now = clock.now();
    const due = Math.round(Math.min(at ?? now, now + FURTHEST_MS));
    if (!Number.isFinite(due)) throw new TypeError(`task ${name} has no instant`);
    return {
      parent,
      task: {
        name: `${parent}/tasks/${name}`,
        httpRequest: {
          ...{ httpMethod: 'POST', url: `${workerUrl}/tasks/${task}` },
          headers: { 'Content-Type': 'application/json' },
          body: Buffer.from(JSON.stringify(payload)),
          oidcToken: { serviceAccountEmail: serviceAccount, audience },
        },
        dispatchDeadline: secondsOf(clamp(policy.deadline_ms, SHORTEST_DEADLINE_MS, LONGEST_DEADLINE_MS)),
        // Without an instant where none is needed: by the clock of the service this one may lie ahead.
        ...(due > now ? { scheduleTime: secondsOf(due) } : {}),
      },
    };
  }

  /**
   * One call. If the service said nothing, to no other call either meanwhile, the calls that wait for a place fail too:
   * each caller waits for its own tries alone, however many there are.
   */
  async #create(request: CreateTask): Promise<void> {
    const answered = this.#answered;
    try {
      const client = await this.#ready();
      await client.createTask(request, { timeout: TRY_MS });
      this.#answered += 1;
    } catch (error) {
      if (!answerOf(error).is_silence) this.#answered += 1;
      else if (this.#answered === answered) this.#places.refuse(new SentAway());
      throw error;
    }
  }

  /** The client, unless it takes too long to make: its credentials come over the network. */
  async #ready(): Promise<CloudTasksClient> {
    const late = Promise.withResolvers<never>();
    const limit = this.#options.clock.timer(TRY_MS, () => late.reject(new Error(`no client within ${TRY_MS} ms`)));
    try {
      return await Promise.race([this.#client.get(), late.promise]);
    } finally {
      limit.cancel();
    }
  }
}
