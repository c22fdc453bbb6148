import { HINTS } from './hints.ts';
import type { SessionRecord } from './types.ts';

/** An invalid field of a request. */
export interface FieldError {
  /** Its path in the body, such as `gpu_spec.gpu_count`. */
  readonly field: string;
  /** What is wrong with the field. */
  readonly message: string;
}

/** The parts of an error, with the names of the API. */
export interface ErrorFields {
  /** Error code of the server, or of the client. */
  readonly code: string;
  /** A sentence that says what is wrong. */
  readonly message: string;
  /** The HTTP status; null or left out if there was no answer. */
  readonly status?: number | null;
  /** Id of the request in the server's log. */
  readonly request_id?: string | null;
  /** Whether the same call may succeed if it is repeated unchanged (default: false). */
  readonly retryable?: boolean;
  /** What to do next (default: the hint of the code). */
  readonly hint?: string;
  /** The invalid fields. */
  readonly errors?: readonly FieldError[];
  /** Seconds to wait before the same call, if the server said so. */
  readonly retry_after?: number | null;
  /** Other members of the answer, such as `exec_id`. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** The cause. */
  readonly cause?: unknown;
}

/** Base class of all errors of this SDK. Each code has a subclass. */
export class OnMemOSError extends Error {
  /** Error code of the server, such as `not_found`, or of the client, such as `connection_failed`. */
  readonly code: string;
  /** The HTTP status; null if there was no answer. */
  readonly status: number | null;
  /** Id of the request in the server's log; null if there was no answer. */
  readonly request_id: string | null;
  /** Whether the same call may succeed if it is repeated unchanged. The SDK has repeated it `maxRetries` times. */
  readonly retryable: boolean;
  /** What to do next. */
  readonly hint: string;
  /** The invalid fields, if the code is `invalid`. */
  readonly errors: readonly FieldError[];
  /** Seconds to wait before the same call, if the server said so. */
  readonly retry_after: number | null;
  /** Other members of the answer, such as `exec_id`. */
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
/** 403: the key is not allowed to do this. */
export class Forbidden extends OnMemOSError {}
/** 404: it does not exist, or this key can't see it. */
export class NotFound extends OnMemOSError {}
/** 404: the session does not exist, or this key can't see it. */
export class SessionNotFound extends NotFound {}
/** 404: the workspace does not exist, or this key can't see it. */
export class WorkspaceNotFound extends NotFound {}
/** 404: the session has no such command. */
export class ExecNotFound extends NotFound {}
/** 409: the call conflicts with the current state. */
export class Conflict extends OnMemOSError {}
/** 409: the session does not run yet, or has ended. */
export class SessionNotRunning extends Conflict {}
/** 409: the user's type does not allow this. */
export class EntitlementDenied extends Conflict {}
/** 409: a limit on the number of sessions, workspaces, volumes or buckets is reached. */
export class QuotaExceeded extends Conflict {}
/** 409: not enough storage is left in the workspace. */
export class StorageExceeded extends Conflict {}
/** 409: the user's budget for this month does not cover it. */
export class BudgetExceeded extends Conflict {}
/** 413: the body is too large. */
export class TooLarge extends OnMemOSError {}
/** 422: a field is invalid; `errors` has the fields. */
export class Invalid extends OnMemOSError {
  /**
   * Of a command that could not be started, the exit code that a shell would give it: 127 if there is no such program,
   * 126 if it can't be run or its folder can't be entered. null of any other call.
   */
  get exit_code(): number | null {
    const { exit_code } = this.extra;
    return typeof exit_code === 'number' ? exit_code : null;
  }
}
/** 422: the idempotency key was used for another request. */
export class IdempotencyMismatch extends OnMemOSError {}
/** 429: too many requests; `retry_after` says how many seconds to wait. */
export class RateLimited extends OnMemOSError {}
/** 500: an error in the server. Its log has the cause, under `request_id`. */
export class Internal extends OnMemOSError {}
/** 502: the provider refused. Repeating the call unchanged does not help. */
export class ProviderFailed extends OnMemOSError {}
/** 503: not available at the moment. The call can be repeated. */
export class Unavailable extends OnMemOSError {}
/** 504: a provider did not answer in time. The call can be repeated. */
export class ProviderTimeout extends OnMemOSError {}

/** There was no answer: no server listens at the address, the connection broke, or `timeoutMs` passed. */
export class ConnectionFailed extends OnMemOSError {
  /** The server that was called. */
  readonly url: string;
  /** How to find what the server may have made, or goes on with; null where there is no such thing. */
  readonly next: string | null;
  constructor(
    url: string,
    cause: unknown,
    message = `Connection error - is the server running at ${url}?`,
    next: string | null = null,
  ) {
    super({
      code: 'connection_failed',
      message: next === null ? message : `${message} ${next}`,
      retryable: true,
      cause,
    });
    this.url = url;
    this.next = next;
  }
}

/**
 * A server that had answered before was away for longer than `reconnectSeconds`. What runs in sessions may go on
 * without it; the message says how to find it again.
 */
export class ServerAway extends ConnectionFailed {
  /** For how many seconds it was away. */
  readonly seconds: number;
  constructor(url: string, cause: unknown, seconds: number, next: string | null = null) {
    const away = `The server at ${url} has been away for ${Math.round(seconds)} s.`;
    super(url, cause, next === null ? `${away} Make the same call again once it answers.` : away, next);
    this.seconds = seconds;
  }
}

/** The session has failed; `message` is its `status_message`. */
export class SessionFailed extends OnMemOSError {
  /** The record of the session. */
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

/** A command with `check` had a return code other than 0. */
export class CommandFailed extends OnMemOSError {
  /** Output of the command, and how it ended. */
  readonly result: CommandOutcome;
  constructor(result: CommandOutcome, message?: string) {
    const last = result.stderr.trimEnd().split('\n').at(-1) ?? '';
    const text = message ?? `The command ended with ${result.returncode}${last === '' ? '' : `: ${last}`}`;
    super({ code: message === undefined ? 'command_failed' : 'command_timeout', message: text });
    this.result = result;
  }
}

/** A command with `check` was ended by its timeout; `result` has its output until then. */
export class CommandTimeout extends CommandFailed {
  constructor(result: CommandOutcome) {
    super(result, 'The command did not end within its timeout');
  }
}

/** Output was dropped before it was read: bytes `from` up to `to`, without `to`. `reattach(to)` continues after it. */
export class OutputGap extends OnMemOSError {
  /** Offset of the first byte that was dropped. */
  readonly from: number;
  /** Offset of the first byte after the gap. */
  readonly to: number;
  constructor(from: number, to: number) {
    super({ code: 'output_gap', message: `Output was dropped before it was read: bytes ${from} to ${to}` });
    this.from = from;
    this.to = to;
  }
}

/** A block could not end its session. The session keeps running, and costing, until its time to live ends it. */
export class SessionLeft extends OnMemOSError {
  /** Id of the session. */
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

/** The answer with the secret of a new key or webhook was lost, and no other could be made in its place. */
export class SecretLost extends OnMemOSError {
  /** Id of the key or webhook that is left without a known secret; null if nothing is left. */
  readonly left: string | null;
  constructor(message: string, left: string | null, cause?: unknown) {
    super({ code: 'secret_lost', message, retryable: left === null, cause });
    this.left = left;
  }
}
