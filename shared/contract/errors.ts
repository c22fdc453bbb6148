/** The closed list of error codes and the status each one has, on every route. The SDKs name their exceptions after them. */
export const ERROR_STATUS = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  session_not_running: 409,
  entitlement_denied: 409,
  quota_exceeded: 409,
  storage_exceeded: 409,
  budget_exceeded: 409,
  too_large: 413,
  invalid: 422,
  idempotency_mismatch: 422,
  rate_limited: 429,
  internal: 500,
  provider_failed: 502,
  unavailable: 503,
  timeout: 504,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;
export const ERROR_CODES = Object.keys(ERROR_STATUS) as readonly ErrorCode[];

/** Codes after which the same call may succeed if it is repeated unchanged. */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set(['rate_limited', 'unavailable', 'timeout']);

/** The error code as a short sentence. `detail` of the answer says more. */
export const ERROR_TITLES: Readonly<Record<ErrorCode, string>> = {
  malformed: 'The request could not be read',
  unauthenticated: 'No valid key',
  forbidden: 'Not allowed',
  not_found: 'Not found',
  conflict: 'Conflict with the present state',
  session_not_running: 'The session is not running',
  entitlement_denied: 'Not among your entitlements',
  quota_exceeded: 'A quota is used up',
  storage_exceeded: 'Not enough storage left',
  budget_exceeded: 'The budget is used up',
  too_large: 'Too large',
  invalid: 'A field is not valid',
  idempotency_mismatch: 'This idempotency key was used for another request',
  rate_limited: 'Too many requests',
  internal: 'Something broke on our side',
  provider_failed: 'The provider refused',
  unavailable: 'Not available right now',
  timeout: 'The provider did not answer in time',
};

export interface FieldError {
  readonly field: string;
  readonly message: string;
}

export interface ProblemDetails {
  readonly errors?: readonly FieldError[];
  /** Seconds; becomes the Retry-After header. */
  readonly retry_after?: number;
  /**
   * Set where it is not known whether the call took effect. A POST without an Idempotency-Key is then not retryable:
   * it might take effect twice.
   */
  readonly outcome?: 'unknown';
  /** Extra members of the answer, such as `exec_id`. Never a secret. */
  readonly extra?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  readonly cause?: unknown;
}

/** An error for the caller: a code of the closed list, and a sentence that says what is wrong. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ErrorCode;
  readonly details: ProblemDetails;
  constructor(code: ErrorCode, sentence: string, details: ProblemDetails = {}) {
    super(sentence, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.details = details;
  }
  get status(): (typeof ERROR_STATUS)[ErrorCode] {
    return ERROR_STATUS[this.code];
  }
  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }
}

/** What an error `not_found` may be about. */
export const RESOURCES = ['session', 'exec', 'workspace', 'user', 'key', 'webhook', 'volume', 'bucket'] as const;
export type Resource = (typeof RESOURCES)[number];

/** Something is not there. @param sentence names it, and says where to look where that helps */
export const missing = (resource: Resource, sentence: string): Problem =>
  new Problem('not_found', sentence, { extra: { resource } });

/** One that the caller does not own is not there for the caller either: nothing else is told of it. */
export const missingOrHidden = (resource: Resource, id: string): Problem =>
  missing(resource, `${NOUNS[resource]} ${id} does not exist, or you can’t see it.`);

const NOUNS: Readonly<Record<Resource, string>> = {
  session: 'Session',
  exec: 'Exec',
  workspace: 'Workspace',
  user: 'User',
  key: 'Key',
  webhook: 'Webhook',
  volume: 'Volume',
  bucket: 'Bucket',
};

/** An error of one field. */
export const invalidField = (field: string, message: string, extra?: ProblemDetails['extra']): Problem =>
  new Problem('invalid', `${field}: ${message}`, { errors: [{ field, message }], ...(extra ? { extra } : {}) });
