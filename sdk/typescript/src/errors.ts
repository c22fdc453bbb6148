import { HINTS } from './hints.ts';
import type { SessionRecord } from './types.ts';

/** One field of a request that does not hold. */
export interface FieldError {
  /** Its path in the body, such as `gpu_spec.gpu_count`. */
  readonly field: string;
  /** What does not hold. */
  readonly message: string;
}

/** What an error is made of; the wire's names. */
export interface ErrorFields {
  /** A code of the closed list, or one of the client's own. */
  readonly code: string;
  /** The sentence that says what is wrong. */
  readonly message: string;
  /** The HTTP status; null or left out where no answer came. */
  readonly status?: number | null;
  /** Names the request in the server's log. */
  readonly request_id?: string | null;
  /** Whether the same call may simply be made again; false when left out. */
  readonly retryable?: boolean;
  /** What to do next; that of the code when left out. */
  readonly hint?: string;
  /** Fields that do not hold. */
  readonly errors?: readonly FieldError[];
  /** Seconds to wait before the same call, as the server said. */
  readonly retry_after?: number | null;
  /** Members of the answer beside these, such as `exec_id`. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** The error behind this one. */
  readonly cause?: unknown;
}

/** Everything that this SDK throws on its own account; one subclass for each code. */
export class OnMemOSError extends Error {
  /** The code of the closed list, such as `not_found`; on the client's side one such as `connection_failed`. */
  readonly code: string;
  /** The HTTP status; null where no answer came. */
  readonly status: number | null;
  /** Names the request in the server's log; null where no answer came. */
  readonly request_id: string | null;
  /** Whether the same call may simply be made again. The SDK has done so already, `maxRetries` times. */
  readonly retryable: boolean;
  /** What to do next. */
  readonly hint: string;
  /** Fields that do not hold, of an `invalid` request. */
  readonly errors: readonly FieldError[];
  /** Seconds to wait before the same call, where the server said so. */
  readonly retry_after: number | null;
  /** Members of the answer beside these, such as `exec_id`. */
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(fields: ErrorFields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = new.target.name;
    this.code = fields.code;
    this.status = fields.status ?? null;
    this.request_id = fields.request_id ?? null;
    this.retryable = fields.retryable ?? false;
    this.hint = fields.hint ?? HINTS[fields.code] ?? '';
    this.errors = fields.errors ?? [];
    this.retry_after = fields.retry_after ?? null;
    this.extra = fields.extra ?? {};
  }
}

/** 400: the request could not be read. */
export class Malformed extends OnMemOSError {}
/** 401: no key, or one that is unknown, expired or revoked. */
export class Unauthenticated extends OnMemOSError {}
/** 403: the key sees it but may not do this. */
export class Forbidden extends OnMemOSError {}
/** 404: not there, or not for this key to see. */
export class NotFound extends OnMemOSError {}
/** 404: no such session. */
export class SessionNotFound extends NotFound {}
/** 404: no such workspace. */
export class WorkspaceNotFound extends NotFound {}
/** 404: no such command. */
export class ExecNotFound extends NotFound {}
/** 409: at odds with the present state. */
export class Conflict extends OnMemOSError {}
/** 409: the session is not running, or no longer. */
export class SessionNotRunning extends Conflict {}
/** 409: not among the user's entitlements. */
export class EntitlementDenied extends Conflict {}
/** 409: a quota is used up. */
export class QuotaExceeded extends Conflict {}
/** 409: not enough storage left. */
export class StorageExceeded extends Conflict {}
/** 409: the budget is used up. */
export class BudgetExceeded extends Conflict {}
/** 413: the body is too large. */
export class TooLarge extends OnMemOSError {}
/** 422: a field is not valid; `errors` names it. */
export class Invalid extends OnMemOSError {}
/** 422: the idempotency key was used for another request. */
export class IdempotencyMismatch extends OnMemOSError {}
/** 429: too many requests; `retry_after` says when to come again. */
export class RateLimited extends OnMemOSError {}
/** 500: something broke on the server. */
export class Internal extends OnMemOSError {}
/** 502: the provider refused. */
export class ProviderFailed extends OnMemOSError {}
/** 503: not available right now. */
export class Unavailable extends OnMemOSError {}
/** 504: the provider did not answer in time. */
export class ProviderTimeout extends OnMemOSError {}

/** No answer came: nobody listens there, the connection broke, or `timeoutMs` ran out. */
export class ConnectionFailed extends OnMemOSError {
  /** The server that was called. */
  readonly url: string;
  constructor(url: string, cause: unknown) {
    const message = `Connection error - is the server running at ${url}?`;
    super({ code: 'connection_failed', message, retryable: true, cause });
    this.url = url;
  }
}

/** A session that was to be used has failed; `message` is its status_message. */
export class SessionFailed extends OnMemOSError {
  /** The session's record. */
  readonly session: SessionRecord;
  constructor(session: SessionRecord) {
    const why = session.status_message ?? session.status_reason ?? 'no reason was given';
    super({ code: 'session_failed', message: `Session ${session.id} has failed: ${why}` });
    this.session = session;
  }
}

/** How a command ended, in an error of `check`. */
interface CommandOutcome {
  readonly exec_id: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly returncode: number;
}

/** A command that was run with `check` ended with another return code than 0. */
export class CommandFailed extends OnMemOSError {
  /** The command's output and how it ended. */
  readonly result: CommandOutcome;
  constructor(result: CommandOutcome, message?: string) {
    const last = result.stderr.trimEnd().split('\n').at(-1) ?? '';
    const text = message ?? `The command ended with ${result.returncode}${last === '' ? '' : `: ${last}`}`;
    super({ code: message === undefined ? 'command_failed' : 'command_timeout', message: text });
    this.result = result;
  }
}

/** A command that was run with `check` did not end within its timeout; `result` has what it printed. */
export class CommandTimeout extends CommandFailed {
  constructor(result: CommandOutcome) {
    super(result, 'The command did not end within its timeout');
  }
}

/** Output that was dropped before it was read: bytes `from` to `to`, the latter kept. Read on with `reattach(to)`. */
export class OutputGap extends OnMemOSError {
  /** Offset of the first byte that was dropped. */
  readonly from: number;
  /** Offset of the first byte behind it that was kept. */
  readonly to: number;
  constructor(from: number, to: number) {
    super({ code: 'output_gap', message: `Output was dropped before it was read: bytes ${from} to ${to}` });
    this.from = from;
    this.to = to;
  }
}

/** A session that a block could not end: it goes on, and costs, until its time to live ends it. */
export class SessionLeft extends OnMemOSError {
  /** The session that goes on. */
  readonly session_id: string;
  /** When the session ends by itself (ISO 8601). */
  readonly expires_at: string;
  constructor(session: Pick<SessionRecord, 'id' | 'expires_at'>, cause: unknown) {
    const message = `Session ${session.id} could not be ended; it ends by itself at ${session.expires_at}`;
    super({ code: 'session_left', message, cause });
    this.session_id = session.id;
    this.expires_at = session.expires_at;
  }
}
