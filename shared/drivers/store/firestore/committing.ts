import {
  AlreadyExists,
  type Collection,
  type CommitDoc,
  CommitUnknown,
  type Transaction,
  type TransactionOptions,
  TransactionTooLarge,
} from '#ports/store.ts';
import type { Clock } from '#ports/clock.ts';
import { iso } from '#ports/clock.ts';
import type { Channel } from './channel.ts';
import { commitOf, createOf, type Document, type Root, type Write } from './documents.ts';
import { busy, type Effort, Turns } from './effort.ts';
import type { Observer } from './observe.ts';
import type { Reading } from './reading.ts';
import { type Created, FirestoreTransaction } from './transaction.ts';
import { codeOf, verdictOf } from './verdicts.ts';

/** Long after any caller has stopped to wait. */
const PROOF_MS = 24 * 3_600_000;

interface Parts {
  readonly reading: Reading;
  readonly channel: Channel;
  readonly database: string;
  readonly root: Root;
  readonly commits: Collection<CommitDoc>;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly effort: () => Effort;
  readonly commitId: () => string;
  /** A document outside any transaction. @throws StoreBusy */
  readonly look: (collection: string, id: string) => Promise<Document | null>;
}

/** What was sent to be committed, and got no answer. */
interface Sent<R> {
  readonly commit: string;
  /** Documents that it created. Where a permanent one is among them, that decides alone. */
  readonly proofs: readonly Created[];
  readonly result: R;
}

type Attempt<R> =
  | { readonly kind: 'done'; readonly result: R }
  /** Nothing was written. `met`: because of others. `began`: the transaction, whose age the next one takes over. */
  | { readonly kind: 'again'; readonly met: boolean; readonly cause: unknown; readonly began: Uint8Array | null }
  | { readonly kind: 'unknown'; readonly cause: unknown; readonly sent: Sent<R> }
  | { readonly kind: 'failed'; readonly error: unknown };

interface Try {
  /** The id of the proof that it writes; null: none. */
  readonly marker: string | null;
  /** The transaction whose age it takes over. */
  readonly retryOf: Uint8Array | null;
  readonly effort: Effort;
  readonly interrupted: Promise<never>;
}

/** Thrown into callbacks that run while the store is closed. */
class StoreClosed extends Error {
  override readonly name = 'StoreClosed';
}

/** Transactions, each tried until Firestore has answered or its time is over. */
export class Committing {
  readonly #parts: Parts;
  readonly #turns = new Turns();
  /** Ends of the transactions that are open, by what interrupts each. */
  readonly #open = new Map<(error: Error) => void, Promise<unknown>>();
  #closed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async transaction<R>(fn: (tx: Transaction) => Promise<R>, options: TransactionOptions): Promise<R> {
    const effort = this.#parts.effort();
    // One for all tries: of two that are both committed in the end, the second finds the marker and fails.
    const marker = options.repeatable ? null : this.#parts.commitId();
    const earlier: Sent<R>[] = [];
    let retryOf: Uint8Array | null = null;
    let endTurn: (() => void) | null = null;
    try {
      for (;;) {
        const through = this.#turns.through;
        const tried: Attempt<R> = await this.#interruptible((interrupted) =>
          this.#attempt(fn, { marker, retryOf, effort, interrupted }),
        );
        if (tried.kind === 'done') {
          if (endTurn !== null) this.#turns.gotThrough();
          return tried.result;
        }
        if (tried.kind === 'unknown') earlier.push(tried.sent);
        // A later try may have failed because an earlier one was committed after all.
        for (const sent of earlier) if (await this.#isThere(sent)) return sent.result;
        if (tried.kind === 'failed') throw tried.error;
        const { cause } = tried;
        if (tried.kind === 'again') retryOf = tried.began ?? retryOf;
        if (effort.over()) throw earlier.length > 0 ? new CommitUnknown('a transaction', { cause }) : busy(cause);
        endTurn ??= await this.#turns.take();
        // Once another of this process has got through, no other process is in the way for now.
        await effort.pause(tried.kind === 'again' && tried.met && this.#turns.through === through);
      }
    } finally {
      endTurn?.();
    }
  }

  /** Interrupts and rolls back what is open, so that its locks do not outlive this process. */
  async close(): Promise<void> {
    this.#closed = true;
    const open = [...this.#open];
    for (const [interrupt] of open) interrupt(new StoreClosed('the store is being closed'));
    await Promise.allSettled(open.map(([, ended]) => ended));
  }

  async #interruptible<R>(run: (interrupted: Promise<never>) => Promise<R>): Promise<R> {
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => undefined);
    if (this.#closed) throw new StoreClosed('the store is closed');
    const ended = run(promise);
    this.#open.set(reject, ended);
    try {
      return await ended;
    } finally {
      this.#open.delete(reject);
    }
  }

  async #attempt<R>(
    fn: (tx: Transaction) => Promise<R>,
    { marker, retryOf, effort, interrupted }: Try,
  ): Promise<Attempt<R>> {
    const { reading, root } = this.#parts;
    const commit = this.#parts.commitId();
    const tx = new FirestoreTransaction(reading, root, commit, retryOf);
    let result: R | undefined;
    let thrown: { readonly error: unknown } | null = null;
    try {
      result = await Promise.race([fn(tx), interrupted]);
    } catch (error) {
      thrown = { error };
    } finally {
      tx.end();
    }
    if (thrown !== null || tx.failure !== null) {
      // The callback may have made another error of the store's own.
      const verdict = tx.failure === null ? null : verdictOf(tx.failure, 'read');
      const again = verdict === 'conflict' || verdict === 'later';
      const began = await this.#rollback(tx, again ? effort : null);
      if (again) return { kind: 'again', met: verdict === 'conflict', cause: tx.failure, began };
      return { kind: 'failed', error: thrown?.error ?? tx.failure };
    }
    return this.#commit(tx, commit, { marker, effort }, result as R);
  }

  async #commit<R>(
    tx: FirestoreTransaction,
    commit: string,
    { marker, effort }: Pick<Try, 'marker' | 'effort'>,
    result: R,
  ): Promise<Attempt<R>> {
    const { channel, database } = this.#parts;
    const id = await tx.id();
    const transaction = id === null ? {} : { transaction: id };
    if (tx.doomed !== null) {
      await this.#rollback(tx);
      return { kind: 'failed', error: new AlreadyExists(tx.doomed.collection.name, tx.doomed.id) };
    }
    if (tx.writes.length === 0 && id === null) return { kind: 'done', result };
    const proofs = proofsOf(tx.created);
    const own = marker !== null && proofs.length === 0 && tx.writes.length > 0 ? this.#markerOf(marker, commit) : null;
    const writes = own === null ? tx.writes : [...tx.writes, own];
    const sent = {
      commit,
      result,
      proofs: own === null ? (proofs.length > 0 ? proofs : tx.created) : [this.#created(marker ?? '')],
    };
    try {
      await channel.commit({ database, writes, ...transaction });
    } catch (error) {
      const verdict = verdictOf(error, 'commit');
      const again = verdict === 'conflict' || (verdict === 'later' && !isTooLarge(error));
      await this.#rollback(tx, again || verdict === 'unknown' ? effort : null);
      if (verdict === 'unknown') return { kind: 'unknown', cause: error, sent };
      if (again) return { kind: 'again', met: verdict === 'conflict', cause: error, began: id };
      return { kind: 'failed', error: await this.#refusal(tx, error) };
    }
    this.#count(writes);
    return { kind: 'done', result };
  }

  #created(id: string): Created {
    return { collection: this.#parts.commits, id };
  }

  #markerOf(id: string, commit: string): Write {
    const { commits, root, clock } = this.#parts;
    const now = clock.now();
    const data: CommitDoc = { at: iso(now), purge_at: iso(now + PROOF_MS) };
    return createOf({ root, collection: commits, id }, data, commit).write;
  }

  /** Whether a transaction was committed of which no answer came. @throws CommitUnknown where that can't be asked */
  async #isThere({ commit, proofs }: Sent<unknown>): Promise<boolean> {
    for (const { collection, id } of proofs) {
      const found = await this.#parts.look(collection.name, id).catch((error: unknown) => {
        throw new CommitUnknown('a transaction', { cause: error });
      });
      if (found !== null && commitOf(found) === commit) return true;
    }
    return false;
  }

  /**
   * With an effort, until the server has answered. Before that, a commit without an answer may still arrive and be done,
   * and what the transaction has locked is in the way of its next try.
   * @returns its id at the server, if it had begun
   */
  async #rollback(tx: FirestoreTransaction, effort: Effort | null = null): Promise<Uint8Array | null> {
    const { channel, database } = this.#parts;
    const id = await tx.id().catch(() => null);
    if (id === null) return null;
    for (;;) {
      try {
        await channel.rollback({ database, transaction: id });
        return id;
      } catch (error) {
        // What can't be rolled back is closed by the server after a minute.
        if (effort === null || verdictOf(error, 'read') !== 'later' || this.#closed || effort.over()) return id;
        await effort.pause();
      }
    }
  }

  /** What the caller is told of a commit that can't succeed. */
  async #refusal(tx: FirestoreTransaction, error: unknown): Promise<unknown> {
    const { message } = error as Error;
    if (codeOf(error) === 6) {
      const { collection, id } = await this.#existing(tx.created, message);
      return new AlreadyExists(collection.name, id);
    }
    if (isTooLarge(error)) return new TransactionTooLarge('Firestore takes no commit of this size', { cause: error });
    return error;
  }

  /** Which of the created documents is there already. */
  async #existing(created: readonly Created[], message: string): Promise<Created> {
    const named = created.find(({ collection, id }) => message.includes(`/${collection.name}/${id}`));
    if (named) return named;
    for (const each of created) if ((await this.#parts.look(each.collection.name, each.id)) !== null) return each;
    return created[0] ?? this.#created('');
  }

  #count(writes: readonly Write[]): void {
    const { observer, root } = this.#parts;
    for (const write of writes) {
      const path = (write.delete ?? write.update?.name ?? '').slice(root.length + 1);
      const collection = path.slice(0, path.indexOf('/'));
      observer.operation?.({ verb: write.delete ? 'delete' : 'write', collection, count: 1 });
    }
  }
}

/** "… exceeds the maximum allowed size …" in production, "gRPC message exceeds maximum size …" of the emulator. */
const isTooLarge = (error: unknown): boolean =>
  [3, 8].includes(codeOf(error) ?? 0) && /exceeds (the )?maximum/i.test((error as Error).message);

/** A permanent document decides alone; others may have been deleted since. */
const proofsOf = (created: readonly Created[]): readonly Created[] =>
  created.filter(({ collection }) => collection.permanent === true).slice(0, 1);
