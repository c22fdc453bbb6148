import type { CallOptions } from '../options.ts';
import { hold } from './signals.ts';

/** A caller that leaves waits this long for what it began to be undone; after that the undoing goes on by itself. */
const LONGEST_WAIT_MS = 2_000;

export interface Undoable<T> {
  readonly make: () => Promise<T>;
  /** Ends or deletes what may have been made. */
  readonly undo: () => Promise<unknown>;
  /** Errors besides an abort after which the caller does not know what was made. */
  readonly unknownAfter?: (error: unknown) => boolean;
  /** What the caller is told in place of such an error where undoing it has failed for a reason. */
  readonly notUndone?: (error: unknown, why: unknown) => unknown;
}

/** Makes something. If its caller leaves before it knows of it, by an abort or a signal, it is undone. */
export const undoable = async <T>(
  { signal }: CallOptions,
  { make, undo, unknownAfter, notUndone }: Undoable<T>,
): Promise<T> => {
  signal?.throwIfAborted();
  let undone: Promise<Failure | null> | null = null;
  const end = (): Promise<Failure | null> => {
    undone ??= undo().then(
      () => null,
      (why: unknown) => ({ why }),
    );
    return undone;
  };
  const release = hold(end);
  try {
    return await make();
  } catch (error) {
    if (signal?.aborted) await atMost(end());
    else if (unknownAfter?.(error)) {
      const failure = await atMost(end());
      if (failure && notUndone) throw notUndone(error, failure.why);
    }
    throw error;
  } finally {
    const last: Promise<unknown> = undone ?? Promise.resolve();
    if (undone === null) release();
    else void last.then(release);
  }
};

interface Failure {
  readonly why: unknown;
}

const atMost = async (work: Promise<Failure | null>): Promise<Failure | null> => {
  const { promise, resolve } = Promise.withResolvers<Failure>();
  const timer = setTimeout(() => resolve({ why: new Error('It is still being undone') }), LONGEST_WAIT_MS);
  const first = await Promise.race([work, promise]);
  clearTimeout(timer);
  return first;
};
