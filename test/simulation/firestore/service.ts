import type { EventEmitter } from 'node:events';
import type { protos, v1 } from '@google-cloud/firestore-api';
import type { CallOptions } from 'google-gax';
import { docOf, type Document } from '#drivers/store/firestore/documents.ts';
import { codeOf } from '#drivers/store/firestore/verdicts.ts';
import type { Collection, Version } from '#ports/store.ts';
import type { Documents } from '../doubles/documents.ts';
import type { Process, Universe } from '../world/process.ts';
import { collectionOf, type Held, Locks, type Waiting } from './locks.ts';

export type FirestoreClient = InstanceType<typeof v1.FirestoreClient>;
export type Get = protos.google.firestore.v1.IBatchGetDocumentsRequest;
export type Run = protos.google.firestore.v1.IRunQueryRequest;
export type Commit = protos.google.firestore.v1.ICommitRequest;
export type Rollback = protos.google.firestore.v1.IRollbackRequest;
type CommitAnswer = protos.google.firestore.v1.ICommitResponse;

/** One message of an answered read. */
export interface Message {
  readonly found?: Document | null;
  readonly document?: Document | null;
  readonly transaction?: Uint8Array | string | null;
}

/** As the emulator does. */
const LOCK_MS = 2_000;
/** As Firestore does. */
export const IDLE_MS = 60_000;
/** The longest that a request is on its way. */
const ON_ITS_WAY_MS = 3_000;
/** The emulator has failed by itself, or has aborted what nothing was to block: then a schedule says nothing. */
const FAILED = [1, 2, 4, 10, 13, 14];

export interface ServiceParts {
  readonly universe: Universe;
  readonly client: FirestoreClient;
  readonly options: CallOptions;
  /** `projects/P/databases/D`. */
  readonly database: string;
  readonly collections: readonly Collection<unknown>[];
  readonly documents: Documents;
}

export const grpcError = (code: number, text: string): Error => Object.assign(new Error(`${code} ${text}`), { code });

const bytesOf = (given: Uint8Array | string | null | undefined): Uint8Array | null =>
  given == null || given.length === 0 ? null : typeof given === 'string' ? Buffer.from(given, 'base64') : given;

export const messagesOf = (stream: EventEmitter): Promise<readonly Message[]> =>
  new Promise((resolve, reject) => {
    const messages: Message[] = [];
    stream.on('data', (message: Message) => void messages.push(message));
    stream.once('error', reject);
    stream.once('end', () => resolve(messages));
  });

/**
 * The emulator, as all processes of a schedule reach it: one call at a time, in the order in which they arrive, so that
 * the same seed gives the same answers. Transactions are interleaved by their calls, which is all that Firestore knows of
 * them. What a commit has changed is read back, and shown to the rules before anything else happens.
 */
export class Service {
  readonly #parts: ServiceParts;
  readonly #locks = new Locks();
  readonly #versions = new Map<string, Version>();
  #last: Promise<void> = Promise.resolve();
  #underWay = 0;
  readonly counts = {
    transactions: 0,
    commits: 0,
    'commits that waited for a lock': 0,
    'commits aborted in a circle': 0,
    'commits aborted after a wait': 0,
    'commits done, answer lost': 0,
    'commits that arrived late': 0,
    'transactions rolled back at a death': 0,
    'transactions rolled back at a stall': 0,
    'transactions that the server closed': 0,
    outages: 0,
  };

  constructor(parts: ServiceParts) {
    this.#parts = parts;
  }

  /** Resolves when no call is under way; null where none is. */
  settled(): Promise<void> | null {
    return this.#underWay === 0 ? null : this.#last;
  }

  /** The version of a document after all commits so far; null where there is none. */
  versionOf(collection: string, id: string): Version | null {
    return this.#versions.get(`${collection}/${id}`) ?? null;
  }

  get(process: Process, request: Get): Promise<readonly Message[]> {
    const { client, options } = this.#parts;
    return this.#read(process, request, () => client.batchGetDocuments(request, options), {
      names: request.documents ?? [],
      collections: [],
    });
  }

  run(process: Process, request: Run): Promise<readonly Message[]> {
    const { client, options } = this.#parts;
    return this.#read(process, request, () => client.runQuery(request, options), {
      names: [],
      collections: request.structuredQuery?.from?.map(({ collectionId }) => collectionId ?? '') ?? [],
    });
  }

  /** The process has sent a commit. */
  sent({ transaction }: Commit): void {
    const held = this.#find(transaction);
    if (held) held.committing = true;
  }

  /** @param done is called when it is done, before its answer is sent */
  async commit(request: Commit, done: () => void): Promise<CommitAnswer> {
    const writes = [...new Set(request.writes?.map(({ update, delete: gone }) => gone ?? update?.name ?? ''))];
    for (let waited = false; ; waited = true) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const answer = await this.#inTurn(async () => {
        const own = this.#find(request.transaction);
        const over = own === null && bytesOf(request.transaction) !== null;
        const blockers = over ? [] : this.#locks.blockers(own, writes);
        if (blockers.length === 0) return this.#commit(request, own, writes, done);
        if (blockers.some((held) => held.process.halted && !held.committing))
          throw new Error('a commit waits for a process that is dead or stalls');
        const abort = (): void => reject(grpcError(10, 'ABORTED: Transaction lock timeout.'));
        this.#wait({ own, writes, go: resolve, abort });
        return null;
      });
      if (answer !== null) return answer;
      if (!waited) this.counts['commits that waited for a lock'] += 1;
      await promise;
    }
  }

  async rollback(request: Rollback): Promise<void> {
    const { client, options } = this.#parts;
    await this.#inTurn(() => client.rollback(request, options));
    const held = this.#find(request.transaction);
    if (held) this.#locks.end(held);
  }

  /** The process has died or stalls: what it has open is rolled back, so that its locks hold up nobody. */
  halted(process: Process): void {
    const { timeline } = this.#parts.universe;
    for (const held of this.#locks.of(process)) {
      // A commit that was sent may arrive all the same.
      if (!process.alive && held.committing) timeline.after(ON_ITS_WAY_MS, () => this.#abandon(held));
      else this.#abandon(held);
    }
  }

  /** Rolls everything back and waits for what is under way. */
  async close(): Promise<void> {
    for (;;) {
      for (const held of this.#locks.all()) this.#close(held);
      if (this.#underWay === 0) return;
      await this.#last;
    }
  }

  #find(transaction: Uint8Array | string | null | undefined): Held | null {
    const id = bytesOf(transaction);
    return id && this.#locks.find(id);
  }

  #read(
    process: Process,
    { transaction, newTransaction }: Get & Run,
    send: () => EventEmitter,
    { names, collections }: { readonly names: readonly string[]; readonly collections: readonly string[] },
  ): Promise<readonly Message[]> {
    return this.#inTurn(async () => {
      const messages = await messagesOf(send());
      const begun = newTransaction
        ? bytesOf(messages.find((message) => bytesOf(message.transaction))?.transaction)
        : null;
      const held = begun ? this.#begin(process, begun, newTransaction) : this.#find(transaction);
      if (held === null) return messages;
      held.used = this.#parts.universe.timeline.now;
      for (const name of names) held.names.add(name);
      for (const name of collections) held.collections.add(name);
      if (process.halted) this.#abandon(held);
      return messages;
    });
  }

  #begin(process: Process, id: Uint8Array, how: Get['newTransaction']): Held {
    const { now } = this.#parts.universe.timeline;
    this.counts.transactions += 1;
    const held = this.#locks.begin(process, id, bytesOf(how?.readWrite?.retryTransaction), now);
    this.#closeWhenIdle(held);
    return held;
  }

  #closeWhenIdle(held: Held): void {
    const { timeline } = this.#parts.universe;
    timeline.after(held.used + IDLE_MS - timeline.now, () => {
      if (!this.#isOpen(held)) return;
      if (timeline.now < held.used + IDLE_MS) {
        this.#closeWhenIdle(held);
        return;
      }
      this.counts['transactions that the server closed'] += 1;
      this.#close(held);
    });
  }

  #isOpen(held: Held): boolean {
    return this.#locks.find(held.id) === held;
  }

  #abandon(held: Held): void {
    if (!this.#isOpen(held)) return;
    this.counts[`transactions rolled back at a ${held.process.alive ? 'stall' : 'death'}`] += 1;
    this.#close(held);
  }

  /** Rolls it back at the server, before the commits that it has blocked arrive there. */
  #close(held: Held): void {
    this.#rollBackLater(held);
    this.#locks.end(held);
  }

  #rollBackLater({ id: transaction }: Held): void {
    const { client, options, database, universe } = this.#parts;
    const request = { database, transaction };
    this.#inTurn(() => client.rollback(request, options)).catch((error: unknown) => universe.timeline.fail(error));
  }

  #wait(waiting: Waiting): void {
    const { timeline } = this.#parts.universe;
    this.#locks.wait(waiting);
    const victim = this.#locks.victim(waiting);
    if (victim !== null) {
      this.counts['commits aborted in a circle'] += 1;
      this.#abort(victim);
    }
    if (victim === waiting) return;
    timeline.after(LOCK_MS, () => {
      if (!this.#locks.waits(waiting)) return;
      this.counts['commits aborted after a wait'] += 1;
      this.#abort(waiting);
    });
  }

  #abort(waiting: Waiting): void {
    if (waiting.own !== null) this.#rollBackLater(waiting.own);
    this.#locks.abort(waiting);
  }

  async #commit(request: Commit, own: Held | null, writes: readonly string[], done: () => void): Promise<CommitAnswer> {
    const { client, options } = this.#parts;
    const [answer] = await client.commit(request, options);
    this.counts.commits += 1;
    done();
    if (own !== null) this.#locks.end(own);
    await this.#show(request, writes);
    return answer;
  }

  /** Reads what a commit has written, for the rules. */
  async #show({ writes: sent }: Commit, writes: readonly string[]): Promise<void> {
    const { client, options, database, collections, documents, universe } = this.#parts;
    if (writes.length === 0) return;
    const messages = await messagesOf(client.batchGetDocuments({ database, documents: [...writes] }, options));
    const created = new Set(
      sent?.flatMap(({ update, currentDocument }) => (currentDocument?.exists === false ? [update?.name] : [])),
    );
    const there = new Map(messages.flatMap(({ found }) => (found ? [[found.name ?? '', found]] : [])));
    const changes = writes.map((name) => {
      const [collection, id] = [collectionOf(name), name.slice(name.lastIndexOf('/') + 1)];
      const found = there.get(name);
      if (found === undefined) {
        this.#versions.delete(`${collection}/${id}`);
        return documents.write('delete', collection, id);
      }
      const declared = collections.find((each) => each.name === collection) ?? { name: collection, indexes: [] };
      const { data, version } = docOf(declared, found);
      this.#versions.set(`${collection}/${id}`, version);
      return documents.write(created.has(name) ? 'create' : 'put', collection, id, data);
    });
    try {
      documents.commit(changes);
    } catch (error) {
      universe.timeline.fail(error);
    }
  }

  #inTurn<R>(call: () => Promise<R>): Promise<R> {
    this.#underWay += 1;
    const turn = this.#last.then(call);
    this.#last = turn
      .then(
        () => undefined,
        (error: unknown) => this.#refused(error),
      )
      .finally(() => {
        this.#underWay -= 1;
      });
    return turn;
  }

  #refused(error: unknown): void {
    const code = codeOf(error);
    if (code === null || FAILED.includes(code)) this.#parts.universe.timeline.fail(error);
  }
}
