import type { CloudTasksClient } from '@google-cloud/tasks';
import { openCloudTasksQueue } from '#drivers/queue/cloud-tasks/open.ts';
import { queueConfigs, queueMessage } from '#drivers/queue/cloud-tasks/queues.ts';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import type { Logger } from '#ports/logger.ts';
import type { RetryPolicy, TaskHandler } from '#ports/queue.ts';
import { type CloudTasksOptions, type CloudTasksServer, startCloudTasks } from '../../support/cloud-tasks/server.ts';
import { ACCOUNT, adminOf, LOCATION, openWorker, PLACE, PROJECT, verifierOf } from './cloud-tasks-fixture.ts';
import { recordingLog } from './recording-log.ts';
import type { OpenedQueue } from './suite.ts';

type Catalogue = Readonly<Record<string, RetryPolicy>>;

export interface DriverOptions {
  readonly server: Pick<CloudTasksServer, 'host' | 'port'>;
  readonly prefix: string;
  readonly catalogue: Catalogue;
  readonly workerUrl: string;
  readonly audience?: string;
  readonly log?: Logger;
}

export const openDriver = ({ server, prefix, catalogue, workerUrl, audience, log }: DriverOptions) =>
  openCloudTasksQueue({
    ...{ project: PROJECT, location: PLACE, queuePrefix: prefix, workerUrl, audience: audience ?? workerUrl },
    ...{ serviceAccount: ACCOUNT, catalogue, clock: systemClock, ids: systemIds, log: log ?? recordingLog() },
    endpoint: { host: server.host, port: server.port },
  });

/** Creates the queues of a catalogue as a deployment does, and returns their full names. */
export const createQueues = async (
  admin: CloudTasksClient,
  settings: { readonly prefix: string; readonly catalogue: Catalogue; readonly retry_for_ms?: number },
): Promise<readonly string[]> => {
  const capacity = { max_instances: 10, concurrency: 80 };
  const configs = queueConfigs({ retry_for_ms: 0, capacity, ...settings });
  return Promise.all(
    configs.map(async (config) => {
      const [queue] = await admin.createQueue({ parent: LOCATION, queue: queueMessage(LOCATION, config) });
      return queue.name ?? '';
    }),
  );
};

const scaled = (catalogue: Catalogue, factor: number): Catalogue =>
  Object.fromEntries(
    Object.entries(catalogue).map(([task, policy]) => [
      task,
      {
        ...policy,
        min_backoff_ms: policy.min_backoff_ms * factor,
        max_backoff_ms: policy.max_backoff_ms * factor,
        deadline_ms: policy.deadline_ms * factor,
      },
    ]),
  );

let prefixes = 0;

/** Queues of their own on a running server, which deliver nothing before `start`. */
export const openOn = async (
  server: CloudTasksServer,
  admin: CloudTasksClient,
  catalogue: Catalogue,
): Promise<OpenedQueue> => {
  const prefix = `q${++prefixes}-`;
  const longer = scaled(catalogue, server.clock.factor);
  let handler: TaskHandler | null = null;
  const worker = await openWorker(async (delivered) => {
    if (!(await verifies(delivered))) return 401;
    const { task, headers, body } = delivered;
    const name = String(headers['x-cloudtasks-taskname']);
    const attempt = Number(headers['x-cloudtasks-taskretrycount']) + 1;
    try {
      await handler?.({ name, task, payload: JSON.parse(body), attempt });
      return 204;
    } catch {
      return 500;
    }
  });
  const verifies = verifierOf(server, worker.url);
  const queues = await createQueues(admin, { prefix, catalogue: longer });
  await Promise.all(queues.map((name) => admin.pauseQueue({ name })));
  const queue = await openDriver({ server, prefix, catalogue: longer, workerUrl: worker.url });
  const before = server.counts.duplicates;
  return {
    queue,
    start: async (started) => {
      handler = started;
      await Promise.all(queues.map((name) => admin.resumeQueue({ name })));
    },
    ...(server.faults().duplicates === 'none' ? {} : { repeats: () => server.counts.duplicates - before }),
    dispose: async () => {
      await Promise.all(queues.map((name) => admin.deleteQueue({ name })));
      await queue.close();
      await worker.close();
    },
  };
};

export const PREFIX = 'd-';
export const WORKER = 'https://worker.example';
export const POLICY: RetryPolicy = {
  ...{ max_attempts: 3, min_backoff_ms: 1000, max_backoff_ms: 1000, max_doublings: 3, deadline_ms: 60_000 },
};
export const CATALOGUE = {
  'test.run': POLICY,
  'test.quick': { ...POLICY, deadline_ms: 1_000 },
  'test.slow': { ...POLICY, deadline_ms: 7_200_000 },
};

export const task = (name: string, more: { readonly task?: string; readonly at?: number } = {}) => ({
  ...{ name, task: 'test.run', payload: { v: 1, id: 'ü' } },
  ...more,
});

/** A server with the queues of the catalogue, and the driver. */
export const openDriven = async (
  options: CloudTasksOptions & { readonly workerUrl?: string; readonly queues?: false } = {},
) => {
  const server = await startCloudTasks({ factor: 100, ...options });
  const admin = adminOf(server);
  if (options.queues !== false) await createQueues(admin, { prefix: PREFIX, catalogue: CATALOGUE });
  const log = recordingLog();
  const queue = await openDriver({
    ...{ server, prefix: PREFIX, catalogue: CATALOGUE, log },
    workerUrl: options.workerUrl ?? WORKER,
  });
  return {
    ...{ server, admin, queue, log },
    close: async () => {
      await queue.close();
      await admin.close();
      await server.stop();
    },
  };
};

export const rejection = async (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => {
      throw new Error('it was not refused');
    },
    (error: Error) => error,
  );
