/**
 * Puts calls that wait for the same thing into one run: while a run for a key is under way, what arrives is kept,
 * and the next run takes all of it. Each item gets its own verdict.
 */
export interface Coalescer {
  add<I, R>(key: string, item: I, run: (items: readonly I[]) => Promise<readonly Settled<R>[]>): Promise<R>;
}

export type Settled<R> = { readonly ok: true; readonly value: R } | { readonly ok: false; readonly error: unknown };

interface Waiting {
  readonly item: unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** How many items one transaction takes at the most: Firestore's request limit of 10 MiB is far away. */
const MOST = 100;

export const createCoalescer = (): Coalescer => {
  const lanes = new Map<string, Waiting[]>();

  const drain = async (
    key: string,
    queue: Waiting[],
    run: (items: readonly unknown[]) => Promise<readonly Settled<unknown>[]>,
  ) => {
    while (queue.length > 0) {
      const batch = queue.splice(0, MOST);
      try {
        const results = await run(batch.map((waiting) => waiting.item));
        batch.forEach((waiting, i) => {
          const result = results[i];
          if (result?.ok) waiting.resolve(result.value);
          else waiting.reject(result ? result.error : new Error('a coalesced run left an item without a verdict'));
        });
      } catch (error) {
        for (const waiting of batch) waiting.reject(error);
      }
    }
    lanes.delete(key);
  };

  return {
    add: <I, R>(key: string, item: I, run: (items: readonly I[]) => Promise<readonly Settled<R>[]>) =>
      new Promise<R>((resolve, reject) => {
        const waiting: Waiting = { item, resolve: (value) => resolve(value as R), reject };
        const lane = lanes.get(key);
        if (lane) {
          lane.push(waiting);
          return;
        }
        const queue = [waiting];
        lanes.set(key, queue);
        // One turn later, so that calls which arrived together go together.
        queueMicrotask(
          () => void drain(key, queue, run as (items: readonly unknown[]) => Promise<readonly Settled<unknown>[]>),
        );
      }),
  };
};
