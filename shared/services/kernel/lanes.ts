import { Problem } from '#contract/errors.ts';
import { type Store, StoreBusy, StoreFull } from '#ports/store.ts';
import { type Draft, OutcomeUnknown, transact } from './draft.ts';

/**
 * All changes of one owner write the same document, the account. Changes of one owner that wait in this process share a
 * transaction, in which each can fail by itself. Otherwise a hundred of them would conflict and retry. This is an
 * optimisation, not a lock: other processes have their own lanes.
 */
export interface Lanes {
  /**
   * Runs a part of a transaction in its owner's lane. It may run several times.
   * @param weight documents that it writes, roughly; a transaction takes no more than its share
   */
  add<R>(owner: string, part: (draft: Draft) => Promise<R>, weight?: number): Promise<R>;
}

interface Waiting {
  readonly part: (draft: Draft) => Promise<unknown>;
  readonly weight: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Verdict = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: Problem };

/** Weight of one transaction: a hundred creates or fifty billed sessions. Firestore takes 10 MiB a request. */
const MOST = 500;
const WEIGHT = 5;
/** Set for a part that queries, because it does not find documents that other parts of the transaction created. */
export const ALONE = MOST;

/** Says nothing of one part: each would meet it again, or be done twice. */
const OF_ALL = [StoreBusy, StoreFull, OutcomeUnknown];

const takeBatch = (queue: Waiting[]): Waiting[] => {
  let sum = 0;
  let count = 0;
  for (const { weight } of queue) {
    sum += weight;
    if (count > 0 && sum > MOST) break;
    count += 1;
  }
  return queue.splice(0, count);
};

export const createLanes = (store: Store): Lanes => {
  const lanes = new Map<string, Waiting[]>();

  const attempt = async (draft: Draft, { part }: Waiting): Promise<Verdict> => {
    try {
      return { ok: true, value: await draft.attempt(part) };
    } catch (error) {
      // Another error may come from the store; then its driver repeats the transaction.
      if (!(error instanceof Problem)) throw error;
      return { ok: false, error };
    }
  };

  const commit = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      const verdicts = await transact(store, async (draft) => {
        const all: Verdict[] = [];
        for (const waiting of batch) all.push(await attempt(draft, waiting));
        return all;
      });
      for (const [i, waiting] of batch.entries()) {
        const verdict = verdicts[i];
        if (verdict?.ok) waiting.resolve(verdict.value);
        else waiting.reject(verdict?.error ?? new Error('a part of a transaction was left without a verdict'));
      }
    } catch (error) {
      if (batch.length === 1 || OF_ALL.some((known) => error instanceof known))
        for (const { reject } of batch) reject(error);
      // One that breaks keeps none of the others from their turn.
      else for (const waiting of batch) await commit([waiting]);
    }
  };

  const drain = async (owner: string, queue: Waiting[]): Promise<void> => {
    while (queue.length > 0) await commit(takeBatch(queue));
    lanes.delete(owner);
  };

  return {
    add: <R>(owner: string, part: (draft: Draft) => Promise<R>, weight = WEIGHT) =>
      new Promise<R>((resolve, reject) => {
        const waiting: Waiting = { part, weight, resolve: (value) => resolve(value as R), reject };
        const lane = lanes.get(owner);
        if (lane) {
          lane.push(waiting);
          return;
        }
        const queue = [waiting];
        lanes.set(owner, queue);
        // One turn later, so that calls that arrived together share a transaction.
        queueMicrotask(() => void drain(owner, queue));
      }),
  };
};
