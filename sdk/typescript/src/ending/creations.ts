import { ConnectionFailed } from '../errors.ts';
import type { CallOptions } from '../options.ts';
import type { Request, Transport } from '../transport/transport.ts';
import { undoable } from './undone.ts';

export interface Creation<T> {
  /** Ends or deletes what was created. */
  readonly remove: (transport: Transport, made: T) => Promise<unknown>;
  /** How the creation is made, if not by the request alone. */
  readonly make?: (call: CallOptions) => Promise<T>;
  /** Whether it costs: it is then looked for where the connection has failed, too. */
  readonly costs?: boolean;
}

/**
 * A POST that creates something. If its caller leaves before the answer, the same request under the same key says what
 * was created, and that is removed. With a key of the caller's own it is left alone: the caller may be asking for the
 * same thing again already.
 */
export const ownCreation = <T>(
  transport: Transport,
  request: Request,
  options: CallOptions,
  { make, remove, costs = false }: Creation<T>,
): Promise<T> => {
  const call = { ...options, idempotencyKey: options.idempotencyKey ?? crypto.randomUUID() };
  const made = (): Promise<T> => (make ? make(call) : transport.json<T>(request, call));
  if (options.idempotencyKey !== undefined) return made();
  const undo = async (): Promise<void> => {
    const brief = transport.brief();
    await remove(brief, await brief.json<T>(request, { idempotencyKey: call.idempotencyKey }));
  };
  const unknownAfter = (error: unknown): boolean => costs && error instanceof ConnectionFailed && transport.reached;
  return undoable(options, { make: made, undo, unknownAfter });
};
