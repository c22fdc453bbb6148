import type { EventEmitter } from 'node:events';
import type { protos, v1 } from '@google-cloud/firestore-api';
import type { CallOptions } from 'google-gax';
import type { Clock } from '#ports/clock.ts';
import type { Logger } from '#ports/logger.ts';
import { codeOf } from './verdicts.ts';

type FirestoreClient = InstanceType<typeof v1.FirestoreClient>;
type Rpc = protos.google.firestore.v1.IDocument;

/** A client of one connection. */
type MakeClient = () => FirestoreClient;

/** Firestore answers within a fraction of a second, or not at all. */
export const CALL_MS = 10_000;
/** After so long without any answer the connection is taken to be dead, and another is made. */
const DEAD_MS = 60_000;
/** DEADLINE_EXCEEDED and UNAVAILABLE: the service may be fine, and this connection to it not. */
const SILENT = [4, 14];

/** The calls, without retries: what an error means depends on the call, so the store decides. */
export const clientConfig = (callMs: number) => ({
  interfaces: {
    'google.firestore.v1.Firestore': {
      // Without names of its own the client would keep its usual retries.
      retry_codes: { never: [] },
      retry_params: {
        never: {
          initial_retry_delay_millis: 0,
          retry_delay_multiplier: 1,
          max_retry_delay_millis: 0,
          initial_rpc_timeout_millis: callMs,
          rpc_timeout_multiplier: 1,
          max_rpc_timeout_millis: callMs,
          total_timeout_millis: callMs,
        },
      },
      methods: Object.fromEntries(
        ['BatchGetDocuments', 'RunQuery', 'Commit', 'Rollback'].map((name) => [
          name,
          { timeout_millis: callMs, retry_codes_name: 'never', retry_params_name: 'never' },
        ]),
      ),
    },
  },
});

export interface ReadAnswer {
  readonly documents: readonly Rpc[];
  /** The transaction that the read began; null where it began none. */
  readonly transaction: Uint8Array | null;
}

interface Streamed {
  readonly found?: Rpc | null;
  readonly document?: Rpc | null;
  readonly transaction?: Uint8Array | string | null;
}

type Get = protos.google.firestore.v1.IBatchGetDocumentsRequest;
type Run = protos.google.firestore.v1.IRunQueryRequest;
type Commit = protos.google.firestore.v1.ICommitRequest;
type Rollback = protos.google.firestore.v1.IRollbackRequest;

interface ChannelParts {
  readonly make: MakeClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly options: CallOptions;
}

/** The calls of a store to Firestore, over one connection that is replaced when it is dead. */
export class Channel {
  readonly #parts: ChannelParts;
  readonly #clock: Clock;
  readonly #options: CallOptions;
  #client: FirestoreClient;
  /** When the first call failed since the last answer; null after an answer. */
  #silentSince: number | null = null;
  /** The same of the connection in use. */
  #deadSince: number | null = null;
  #inFlight = new Map<FirestoreClient, number>();
  #closed = false;

  constructor(parts: ChannelParts) {
    this.#parts = parts;
    this.#clock = parts.clock;
    this.#options = parts.options;
    this.#client = parts.make();
  }

  /** Whether Firestore has answered within the last minute, if it was asked. */
  healthy(): boolean {
    return this.#silentSince === null || this.#clock.monotonic() - this.#silentSince < DEAD_MS;
  }

  get(request: Get): Promise<ReadAnswer> {
    return this.#call((client) => collect(client.batchGetDocuments(request, this.#options)));
  }

  run(request: Run): Promise<ReadAnswer> {
    return this.#call((client) => collect(client.runQuery(request, this.#options)));
  }

  async commit(request: Commit): Promise<void> {
    await this.#call((client) => client.commit(request, this.#options));
  }

  async rollback(request: Rollback): Promise<void> {
    await this.#call((client) => client.rollback(request, this.#options));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...new Set([this.#client, ...this.#inFlight.keys()])].map((client) => client.close()));
  }

  async #call<R>(send: (client: FirestoreClient) => Promise<R>): Promise<R> {
    const client = this.#client;
    this.#inFlight.set(client, (this.#inFlight.get(client) ?? 0) + 1);
    try {
      const answer = await send(client);
      this.#answered();
      return answer;
    } catch (error) {
      this.#failed(client, error);
      throw error;
    } finally {
      await this.#ended(client);
    }
  }

  #answered(): void {
    this.#silentSince = null;
    this.#deadSince = null;
  }

  #failed(client: FirestoreClient, error: unknown): void {
    if (!SILENT.includes(codeOf(error) ?? -1)) {
      this.#answered();
      return;
    }
    const now = this.#clock.monotonic();
    this.#silentSince ??= now;
    if (client !== this.#client || this.#closed) return;
    this.#deadSince ??= now;
    if (now - this.#deadSince < DEAD_MS) return;
    this.#parts.log.warn({ err: error }, 'Firestore has not answered for a minute; a new connection is made');
    this.#client = this.#parts.make();
    this.#deadSince = null;
  }

  /** A connection that was replaced is closed after its last call. */
  async #ended(client: FirestoreClient): Promise<void> {
    const left = (this.#inFlight.get(client) ?? 1) - 1;
    if (left > 0) this.#inFlight.set(client, left);
    else {
      this.#inFlight.delete(client);
      if (client !== this.#client && !this.#closed) await client.close();
    }
  }
}

const bytes = (given: Uint8Array | string): Uint8Array =>
  typeof given === 'string' ? Buffer.from(given, 'base64') : given;

/** Takes what comes by its events: read as an iterable the client's stream ends without anything. */
const collect = (stream: EventEmitter): Promise<ReadAnswer> =>
  new Promise((resolve, reject) => {
    const documents: Rpc[] = [];
    let transaction: Uint8Array | null = null;
    stream.on('data', ({ found, document, transaction: begun }: Streamed) => {
      const one = found ?? document;
      if (one) documents.push(one);
      if (begun && begun.length > 0) transaction = bytes(begun);
    });
    stream.once('error', reject);
    stream.once('end', () => resolve({ documents, transaction }));
  });
