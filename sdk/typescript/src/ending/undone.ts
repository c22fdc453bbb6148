import type { CallOptions } from '../options.ts';
import { type End, hold } from './signals.ts';

/** A caller that leaves waits this long for what it began to be undone; after that the undoing goes on by itself. */
const LONGEST_WAIT_MS = 2_000;

export interface Undoable<T> {
  readonly make: () => Promise<T>;
  /** Ends or deletes what may have been made. */
  readonly undo: () => Promise<unknown>;
  /** Errors besides an abort after which the caller does not know what was made. */
  readonly unknownAfter?: (error: unknown) => boolean;
}

/** Makes something. If its caller leaves before it knows of it, by an abort or a signal, it is undone. */
export const undoable = async <T>({ signal }: CallOptions, { make, undo, unknownAfter }: Undoable<T>): Promise<T> => {
  signal?.throwIfAborted();
  let undone: Promise<unknown> | null = null;
  const end: End = () => {
    undone ??= undo().catch(() => undefined);
    return undone;
  };
  const release = hold(end);
  try {
    return await make();
  } catch (error) {
    if (signal?.aborted || unknownAfter?.(error)) await atMost(end());
    throw error;
  } finally {
    const last: Promise<unknown> = undone ?? Promise.resolve();
    if (undone === null) release();
    else void last.then(release);
  }
};

const atMost = async (work: Promise<unknown>): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, LONGEST_WAIT_MS);
  await Promise.race([work, promise]);
  clearTimeout(timer);
};
