import type { CloudTasksClient } from '@google-cloud/tasks';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** A connection that failed is tried again after no more than this, however long the service was away. */
const LONGEST_RECONNECT_MS = 5_000;

const connect = async (project: string, endpoint: Endpoint | undefined): Promise<CloudTasksClient> => {
  const { CloudTasksClient } = await import('@google-cloud/tasks');
  const always = { projectId: project, fallback: false, 'grpc.max_reconnect_backoff_ms': LONGEST_RECONNECT_MS };
  const client = new CloudTasksClient(
    endpoint === undefined
      ? always
      : {
          ...always,
          ...{ servicePath: endpoint.host, port: endpoint.port },
          // The grpc-js that the client itself uses.
          sslCreds: (await import('google-gax')).grpc.credentials.createInsecure(),
        },
  );
  // The client’s calls do it too, but let its failure end the process as an unhandled rejection.
  await client.initialize();
  return client;
};

/** One client for the process, made when it is first needed; made anew where that failed. */
export class SharedClient {
  readonly #project: string;
  readonly #endpoint: Endpoint | undefined;
  #client: Promise<CloudTasksClient> | null = null;
  #closed = false;

  constructor(project: string, endpoint: Endpoint | undefined) {
    this.#project = project;
    this.#endpoint = endpoint;
  }

  get(): Promise<CloudTasksClient> {
    if (this.#closed) return Promise.reject(new Error('the queue is closed'));
    const client = this.#client ?? connect(this.#project, this.#endpoint);
    this.#client = client;
    client.catch(() => {
      if (this.#client === client) this.#client = null;
    });
    return client;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const client = await this.#client?.catch(() => null);
    await client?.close();
  }
}
