import type { Firestore } from '@google-cloud/firestore';
import type { Clock } from '#ports/clock.ts';
import type { Ids } from '#ports/ids.ts';
import type { Logger } from '#ports/logger.ts';
import type { Collection, CommitDoc } from '#ports/store.ts';
import { checkCollection } from '../rules.ts';
import { CALL_MS, Channel, clientConfig } from './channel.ts';
import { FirestoreStore } from './firestore-store.ts';
import type { Observer } from './observe.ts';

export interface FirestoreStoreOptions {
  readonly project: string;
  /** Default: `(default)`. */
  readonly database?: string;
  readonly collections: readonly Collection<unknown>[];
  /** Where proofs of commits are kept; among `collections`, and pruned by its `purge_at`. */
  readonly commits: Collection<CommitDoc>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** `host:port` of an emulator, which is reached without TLS and without an identity. */
  readonly emulatorHost?: string | undefined;
  readonly observe?: Observer;
  /** Limit of each call, milliseconds. */
  readonly callMs?: number;
}

type ChannelOptions = Pick<FirestoreStoreOptions, 'project' | 'database' | 'clock' | 'log' | 'emulatorHost' | 'callMs'>;

const DEFAULT_DATABASE = '(default)';
const databaseName = ({ project, database = DEFAULT_DATABASE }: ChannelOptions): string =>
  `projects/${project}/databases/${database}`;

/** The calls to Firestore. Nothing is sent until the first. @throws TypeError for a wrong address */
export const openChannel = async (options: ChannelOptions): Promise<Channel> => {
  const { project, clock, log, emulatorHost, callMs = CALL_MS } = options;
  // Loaded here: a process that uses another store pays nothing for it.
  const [{ v1 }, { grpc }] = await Promise.all([import('@google-cloud/firestore-api'), import('google-gax')]);
  const emulator = emulatorHost === undefined ? null : addressOf(emulatorHost);
  const plain = () => ({
    servicePath: emulator?.host ?? '',
    port: emulator?.port ?? 0,
    sslCreds: grpc.credentials.createInsecure(),
  });
  const make = () =>
    new v1.FirestoreClient({
      projectId: project,
      clientConfig: clientConfig(callMs),
      // A query that is refused fails at once, and not after three tries.
      gaxServerStreamingRetries: true,
      // A client that replaces one must not be given its connection.
      'grpc.use_local_subchannel_pool': 1,
      ...(emulator === null ? {} : plain()),
    });
  const headers = {
    'google-cloud-resource-prefix': databaseName(options),
    // Emulators take this for an administrator.
    ...(emulator === null ? {} : { authorization: 'Bearer owner' }),
  };
  return new Channel({ make, clock, log, options: { otherArgs: { headers } } });
};

/** Opens Firestore as a store. Nothing is sent until the first call. @throws TypeError for a wrong collection */
export const openFirestoreStore = async (options: FirestoreStoreOptions): Promise<FirestoreStore> => {
  const { project, database = DEFAULT_DATABASE, collections, commits, clock, ids, emulatorHost, observe } = options;
  for (const collection of collections) checkCollection(collection);
  if (!collections.includes(commits)) throw new TypeError(`the store has no collection "${commits.name}" for commits`);
  const channel = await openChannel(options);
  let watched: Promise<Firestore> | null = null;
  const firestore = async (): Promise<Firestore> => {
    const { Firestore: Client } = await import('@google-cloud/firestore');
    const emulator = emulatorHost === undefined ? null : addressOf(emulatorHost);
    const local = emulator === null ? {} : { host: `${emulator.host}:${emulator.port}`, ssl: false };
    return new Client({ projectId: project, databaseId: database, ...local });
  };
  return new FirestoreStore({
    channel,
    database: databaseName(options),
    collections,
    commits,
    firestore: () => {
      watched ??= firestore();
      return watched;
    },
    closeFirestore: async () => {
      await (await watched)?.terminate();
    },
    clock,
    ids,
    observer: observe ?? {},
  });
};

/** @throws TypeError */
const addressOf = (text: string): { readonly host: string; readonly port: number } => {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined) throw new TypeError(`${text} is no address of an emulator; write host:port`);
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
};
