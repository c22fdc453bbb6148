import type { protos } from '@google-cloud/tasks';
import { expect } from 'vitest';
import { HANGS_SECONDS } from '../../acceptance/support/until.ts';
import type { Behaviour } from '../../support/cloud-tasks/behaviour.ts';
import { startCloudTasks } from '../../support/cloud-tasks/server.ts';
import { adminOf, type Delivered, LOCATION, openWorker, type Respond, type TestWorker } from './cloud-tasks-fixture.ts';

type Queue = protos.google.cloud.tasks.v2.IQueue;
type Task = protos.google.cloud.tasks.v2.ITask;

/** 15 s pass in 150 ms. */
const FACTOR = 100;
export const poll = <T>(look: () => T) => expect.poll(look, { timeout: HANGS_SECONDS * 1000, interval: 5 });

/** A server, its client and a worker that keeps what it was sent. */
export const openServer = async (behaviour: Partial<Behaviour> = {}) => {
  const server = await startCloudTasks({ factor: FACTOR, behaviour });
  const admin = adminOf(server);
  const workers: TestWorker[] = [];
  let queues = 0;
  return {
    server,
    admin,
    worker: async (respond: Respond = async () => 204) => {
      const seen: Delivered[] = [];
      const worker = await openWorker((delivered) => {
        seen.push(delivered);
        return respond(delivered);
      });
      workers.push(worker);
      return { url: worker.url, seen };
    },
    /** Creates a queue, and adds tasks of these names to it at a URL. */
    queue: async (given: Queue = {}) => {
      const name = `${LOCATION}/queues/q-${++queues}`;
      await admin.createQueue({ parent: LOCATION, queue: { ...given, name } });
      const add = (url: string, id: string, more: Task = {}) =>
        admin.createTask({
          parent: name,
          task: { name: `${name}/tasks/${id}`, ...more, httpRequest: { url, ...more.httpRequest } },
        });
      return { name, add };
    },
    close: async () => {
      await admin.close();
      for (const worker of workers) await worker.close();
      await server.stop();
    },
  };
};

/** The code and the text that a call is refused with. */
export const refusal = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the call was not refused');
};
