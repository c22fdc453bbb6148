import {
  BudgetExceeded,
  Conflict,
  EntitlementDenied,
  type ErrorFields,
  ExecNotFound,
  type FieldError,
  Forbidden,
  IdempotencyMismatch,
  Internal,
  Invalid,
  Malformed,
  NotFound,
  OnMemOSError,
  ProviderFailed,
  ProviderTimeout,
  QuotaExceeded,
  RateLimited,
  SessionNotFound,
  SessionNotRunning,
  StorageExceeded,
  TooLarge,
  Unauthenticated,
  Unavailable,
  WorkspaceNotFound,
} from './errors.ts';

type ErrorClass = new (fields: ErrorFields) => OnMemOSError;

const CLASSES: Readonly<Record<string, ErrorClass>> = {
  malformed: Malformed,
  unauthenticated: Unauthenticated,
  forbidden: Forbidden,
  not_found: NotFound,
  conflict: Conflict,
  session_not_running: SessionNotRunning,
  entitlement_denied: EntitlementDenied,
  quota_exceeded: QuotaExceeded,
  storage_exceeded: StorageExceeded,
  budget_exceeded: BudgetExceeded,
  too_large: TooLarge,
  invalid: Invalid,
  idempotency_mismatch: IdempotencyMismatch,
  rate_limited: RateLimited,
  internal: Internal,
  provider_failed: ProviderFailed,
  unavailable: Unavailable,
  timeout: ProviderTimeout,
};

/** What answers without problem details of ours (a proxy, another server) most likely mean. */
const CODES: Readonly<Record<number, string>> = {
  400: 'malformed',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  413: 'too_large',
  422: 'invalid',
  429: 'rate_limited',
  502: 'provider_failed',
  503: 'unavailable',
  504: 'timeout',
};
const FROM_A_PROXY: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);
const KNOWN = new Set(['type', 'title', 'status', 'detail', 'code', 'request_id', 'retryable', 'errors']);

/** The refusal of a call as an error of the class that its code has. */
export const problemError = (answer: {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}): OnMemOSError => {
  const { status, headers } = answer;
  const body = problemBody(answer.text);
  const code = typeof body?.['code'] === 'string' ? body['code'] : (CODES[status] ?? 'internal');
  const detail = typeof body?.['detail'] === 'string' ? body['detail'] : `The server answered ${status}`;
  const fields: ErrorFields = {
    code,
    status,
    message: code === 'unauthenticated' ? 'Authentication failed - check API key' : detail,
    request_id: (body?.['request_id'] as string | undefined) ?? headers.get('x-request-id'),
    retryable:
      body === null ? FROM_A_PROXY.has(status) : body['retryable'] === true || status === 429 || status === 503,
    errors: (body?.['errors'] as FieldError[] | undefined) ?? [],
    retry_after: retryAfter(headers.get('retry-after')),
    extra: Object.fromEntries(Object.entries(body ?? {}).filter(([name]) => !KNOWN.has(name))),
  };
  const Class =
    (code === 'not_found' ? NOT_FOUND[String(body?.['resource'])] : undefined) ?? CLASSES[code] ?? OnMemOSError;
  return new Class(fields);
};

/** Problem details of this service; null for whatever else was answered. */
const problemBody = (text: string): Record<string, unknown> | null => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('code' in value)) return null;
    return value as Record<string, unknown>;
  } catch {
    return null;
  }
};

const NOT_FOUND: Readonly<Record<string, ErrorClass>> = {
  session: SessionNotFound,
  workspace: WorkspaceNotFound,
  exec: ExecNotFound,
};

/** Seconds, of a header that has seconds or a date. */
const retryAfter = (value: string | null): number | null => {
  if (value === null || value.trim() === '') return null;
  if (/^\d+(\.\d+)?$/.test(value.trim())) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, (at - Date.now()) / 1000);
};
