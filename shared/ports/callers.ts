/**
 * Who calls worker and scheduler, which serve this deployment's own queue and schedule and nobody else. Asked before
 * anything else of a request is read.
 */
export interface Callers {
  /** @throws CallerRefused, CallersUnavailable */
  verify(request: CallerRequest): Promise<Caller>;
}

export interface CallerRequest {
  /** The `Authorization` header as it came; null where there is none. */
  readonly authorization: string | null;
}

export interface Caller {
  readonly role: CallerRole;
  /** The account that calls, for logs. */
  readonly account: string;
}

/** `tasks`: the queue, which delivers tasks. `schedule`: what runs the timed jobs. Each may call its own paths alone. */
export type CallerRole = 'tasks' | 'schedule';

/** Nobody that this deployment knows. The message says why, for the log; it never holds what was presented. */
export class CallerRefused extends Error {
  override readonly name = 'CallerRefused';
}

/** Nobody can tell now who calls, as where keys can't be fetched: the caller is to try again. */
export class CallersUnavailable extends Error {
  override readonly name = 'CallersUnavailable';
}
