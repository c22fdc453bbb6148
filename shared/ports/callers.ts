/**
 * Verifies who calls worker and scheduler, which serve only this deployment's own queue and schedule. They ask before
 * they read anything else of a request.
 */
export interface Callers {
  /** @throws CallerRefused, CallersUnavailable */
  verify(request: CallerRequest): Promise<Caller>;
}

interface CallerRequest {
  /** The unchanged `Authorization` header; null if there is none. */
  readonly authorization: string | null;
}

export interface Caller {
  readonly role: CallerRole;
  /** The account that calls, for logs. */
  readonly account: string;
}

/** `tasks`: the queue, which delivers tasks. `schedule`: what runs the timed jobs. Each may call its own paths alone. */
export type CallerRole = 'tasks' | 'schedule';

/** The caller is not known to this deployment. The message says why, for the log, and never repeats a credential. */
export class CallerRefused extends Error {
  override readonly name = 'CallerRefused';
}

/** The caller can't be verified now, for example because keys can't be fetched. It should try again. */
export class CallersUnavailable extends Error {
  override readonly name = 'CallersUnavailable';
}
