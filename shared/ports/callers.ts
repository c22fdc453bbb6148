/**
 * Verifies who calls worker and scheduler, which serve only this deployment's own queue, trigger and schedule. They ask
 * before they read anything else of a request.
 */
export interface Callers {
  /** @throws CallerRefused, CallerNotAllowed, CallersUnavailable */
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

/**
 * `tasks`: the queue, which delivers tasks. `events`: the trigger, which tells of new documents of the store. `schedule`:
 * what runs the timed jobs. Each may call its own paths alone.
 */
export const CALLER_ROLES = ['tasks', 'events', 'schedule'] as const;
export type CallerRole = (typeof CALLER_ROLES)[number];

/** The caller is not known to this deployment. The message says why, for the log, and never repeats a credential. */
export class CallerRefused extends Error {
  override readonly name = 'CallerRefused';
}

/** The caller has proved who it is, and it is none of this deployment's. The message names its account, for the log. */
export class CallerNotAllowed extends Error {
  override readonly name = 'CallerNotAllowed';
}

/** The caller can't be verified now, for example because keys can't be fetched. It should try again. */
export class CallersUnavailable extends Error {
  override readonly name = 'CallersUnavailable';
}
