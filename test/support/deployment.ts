/** What the infrastructure of a deployment makes, and its servers need, where all of it runs on this machine. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { CloudTasksClient } from '@google-cloud/tasks';
import { grpc } from 'google-gax';
import { RETRIES } from '#contract/tasks.ts';
import { queueConfigs, queueMessage } from '#drivers/queue/cloud-tasks/queues.ts';
import { systemClock } from '#platform/clock.ts';
import { keeperFolder } from '#platform/keeper-folders.ts';
import { connectFrames, type FrameClient } from '#platform/protocol/client.ts';
import { findSocketPath } from '#platform/socket-path.ts';

export const LOCATION = 'us-central1';

/** The account of each caller, which is in the project of the deployment. */
export const accountsIn = (project: string) => {
  const email = (name: string): string => `${name}@${project}.iam.gserviceaccount.com`;
  return { tasks: email('tasks'), events: email('events'), schedule: email('schedule') } as const;
};

interface QueueOptions {
  readonly host: string;
  readonly port: number;
  readonly project: string;
  readonly prefix: string;
  readonly capacity: { readonly max_instances: number; readonly concurrency: number };
}

/** Makes the queue of each task. */
export const makeQueues = async ({ host, port, project, prefix, capacity }: QueueOptions): Promise<void> => {
  const sslCreds = grpc.credentials.createInsecure();
  const admin = new CloudTasksClient({ servicePath: host, port, projectId: project, fallback: false, sslCreds });
  const parent = `projects/${project}/locations/${LOCATION}`;
  for (const config of queueConfigs({ prefix, catalogue: RETRIES, capacity, retry_for_ms: 0 }))
    await admin.createQueue({ parent, queue: queueMessage(parent, config) });
  await admin.close();
};

/** @returns the path of the keyring, which is made where there is none */
export const keyringIn = async (dataDir: string): Promise<string> => {
  const path = join(dataDir, 'keyring.json');
  const keys = { current: 'k1', keys: { k1: randomBytes(32).toString('base64url') } };
  if (!existsSync(path)) await writeFile(path, JSON.stringify(keys), { mode: 0o600 });
  return path;
};

/** The program and arguments of a keeper. */
export const keeperCommand = (dataDir: string): readonly [string, ...string[]] => [
  process.execPath,
  join(import.meta.dirname, '..', '..', 'functions', 'keeper', 'start.mjs'),
  '--data-dir',
  dataDir,
];

/**
 * A connection to the keeper of a folder, once it can be reached: functions attach to one, and start none. A keeper that
 * nothing is connected to ends after some seconds.
 */
export const connectedKeeper = async (dataDir: string): Promise<FrameClient> => {
  for (;;) {
    const socket = connect(await findSocketPath(keeperFolder(dataDir, 1)));
    const reached = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    if (reached) return connectFrames(socket, { keepalive_ms: 0 });
    await systemClock.sleep(20);
  }
};
