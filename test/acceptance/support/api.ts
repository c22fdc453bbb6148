/** A caller of the HTTP API. It checks the form of every error answer. */

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: T;
}

export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly request_id: string;
  readonly retryable: boolean;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
  readonly [extra: string]: unknown;
}

export type Json = Readonly<Record<string, unknown>>;
export type Headed = Readonly<Record<string, string>>;

/** The closed list of error codes, with the status of each. */
const STATUS_OF: Readonly<Record<string, number>> = {
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
};
const RETRYABLE = new Set(['rate_limited', 'unavailable', 'timeout']);

/** @throws Error that says what is wrong with the form of an error answer */
const checkProblem = (call: string, response: Response, body: unknown): void => {
  const wrong = (what: string): never => {
    throw new Error(`${call} answered ${response.status} and ${what}: ${JSON.stringify(body)}`);
  };
  if (!response.headers.get('content-type')?.startsWith('application/problem+json')) wrong('not problem+json');
  const problem = body as ProblemBody;
  if (STATUS_OF[problem.code] !== response.status) wrong('the code does not have this status');
  if (problem.status !== response.status) wrong('another status in the body');
  if (typeof problem.detail !== 'string' || problem.detail.length < 5) wrong('no sentence');
  if (typeof problem.title !== 'string' || typeof problem.type !== 'string') wrong('no title or type');
  if (problem.request_id !== response.headers.get('x-request-id')) wrong('the request id is not that of the header');
  if (problem.retryable && !RETRYABLE.has(problem.code)) wrong('retryable is not what the code says');
  if (problem.code === 'invalid' && !(problem.errors && problem.errors.length > 0)) wrong('no field is named');
  if (problem.retryable && !response.headers.get('retry-after')) wrong('no Retry-After');
};

export interface Api {
  readonly url: string;
  readonly key: string | null;
  /** The same server with another key, or without one. */
  as(key: string | null): Api;
  get<T = Json>(path: string, headers?: Headed): Promise<Answer<T>>;
  post<T = Json>(path: string, body?: unknown, headers?: Headed): Promise<Answer<T>>;
  put<T = Json>(path: string, body?: unknown): Promise<Answer<T>>;
  patch<T = Json>(path: string, body?: unknown): Promise<Answer<T>>;
  del<T = Json>(path: string): Promise<Answer<T>>;
  /** The bare answer, for streams and for bodies that are not JSON. */
  raw(method: string, path: string, init?: RequestInit): Promise<Response>;
}

export const apiOf = (url: string, key: string | null): Api => {
  const raw = (method: string, path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${url}${path}`, {
      ...init,
      method,
      headers: { ...(key === null ? {} : { 'X-API-Key': key }), ...(init.headers as Headed | undefined) },
    });
  const call = async <T>(method: string, path: string, body?: unknown, headers?: Headed): Promise<Answer<T>> => {
    const response = await raw(method, path, {
      headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    let parsed: unknown = null;
    try {
      parsed = JSON.parse(text);
    } catch {
      // Pages and metrics are not JSON.
    }
    if (response.status >= 400) checkProblem(`${method} ${path}`, response, parsed);
    return { status: response.status, headers: response.headers, text, body: parsed as T };
  };
  return {
    url,
    key,
    as: (other) => apiOf(url, other),
    get: (path, headers) => call('GET', path, undefined, headers),
    post: (path, body, headers) => call('POST', path, body, headers),
    put: (path, body) => call('PUT', path, body),
    patch: (path, body) => call('PATCH', path, body),
    del: (path) => call('DELETE', path),
    raw,
  };
};

/** The body of a successful answer. @throws Error with the answer if it is not a success */
export const ok = <T>(answer: Answer<T>): T => {
  if (answer.status !== 200) throw new Error(`expected 200, got ${answer.status}: ${answer.text.slice(0, 2000)}`);
  return answer.body;
};

/** The body of an error answer with this code. @throws Error with any other answer */
export const refused = (answer: Answer<unknown>, code: string): ProblemBody => {
  const problem = answer.body as ProblemBody;
  if (answer.status !== STATUS_OF[code] || problem.code !== code) {
    throw new Error(`expected ${STATUS_OF[code]} ${code}, got ${answer.status}: ${answer.text.slice(0, 2000)}`);
  }
  return problem;
};

/** The fields that an error answer names. */
export const fieldsOf = (problem: ProblemBody): string[] => (problem.errors ?? []).map(({ field }) => field);
