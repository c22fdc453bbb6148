import { ConnectionFailed, OnMemOSError } from '../errors.ts';
import type { CallOptions } from '../options.ts';
import { problemError } from '../problem.ts';
import { pause, retryDelayMs } from './backoff.ts';
import { type Query, queryString } from './path.ts';
import type { Settings } from './settings.ts';

/** One call of the API. */
export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds that the server may hold its answer. */
  readonly holdSeconds?: number;
  /** It belongs to something that goes on at the server meanwhile, and may be repeated without harm. */
  readonly goesOn?: boolean;
}

/** Some platforms give up on an answer's head after 300 s: a longer hold is asked for again, under its key. */
const LONGEST_HOLD_S = 240;
/** A connection that carried a held call this long was a working one: its break starts the count of retries anew. */
const WORKING_MS = 1_000;

/** Makes calls: the key, the time limit, retries and errors are its matter. */
export class Transport {
  readonly settings: Settings;

  constructor(settings: Settings) {
    this.settings = settings;
  }

  /** A call that answers JSON. @throws OnMemOSError, or the reason of an aborted signal */
  async json<T>(request: Request, options: CallOptions = {}): Promise<T> {
    return this.#retried(request, options, async (response) => JSON.parse(await response.text()) as T);
  }

  /** A call that answers a stream: it ends early when its signal is aborted. */
  async stream(request: Request, options: CallOptions = {}): Promise<Response> {
    return this.#retried(request, options, async (response) => response);
  }

  /**
   * Whether what was cut off, and goes on at the server, is asked for again after so many failures in a row. A server
   * that starts again is waited for, but by clients that never ask again.
   * @param since when the first of these failures was, in milliseconds
   */
  triesAfterACut(options: CallOptions, failures: number, since: number): boolean {
    const { maxRetries, reconnectMs } = this.settings;
    if (options.maxRetries !== undefined || maxRetries === 0) return failures < (options.maxRetries ?? 0);
    return failures < maxRetries || performance.now() - since < reconnectMs;
  }

  async #retried<T>(request: Request, options: CallOptions, read: (response: Response) => Promise<T>): Promise<T> {
    const { maxRetries = this.settings.maxRetries } = options;
    let goesOn = request.goesOn === true;
    const key = request.method === 'POST' ? (options.idempotencyKey ?? crypto.randomUUID()) : null;
    const holdUntil = performance.now() + (request.holdSeconds ?? 0) * 1000;
    let failures = 0;
    let since = 0;
    for (;;) {
      const begun = performance.now();
      try {
        return await this.#attempt(request, options, key, Math.max(0, holdUntil - begun), read);
      } catch (error) {
        options.signal?.throwIfAborted();
        const held = error instanceof ConnectionFailed && performance.now() < holdUntil;
        if (held && performance.now() - begun > WORKING_MS) {
          failures = 0;
          goesOn = true;
        }
        if (failures === 0) since = performance.now();
        const again = goesOn ? this.triesAfterACut(options, failures, since) : failures < maxRetries;
        const delay = again ? retryDelayMs(error, failures) : null;
        if (delay === null) throw error;
        failures++;
        await pause(delay, options.signal);
      }
    }
  }

  async #attempt<T>(
    request: Request,
    options: CallOptions,
    key: string | null,
    holdMs: number,
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    const { baseUrl, timeoutMs, fetch } = this.settings;
    const limit = new AbortController();
    const ms = Math.min(holdMs, LONGEST_HOLD_S * 1000) + (options.timeoutMs ?? timeoutMs);
    const timer = setTimeout(() => limit.abort(new DOMException(`No answer within ${ms} ms`, 'TimeoutError')), ms);
    try {
      const response = await fetch(`${baseUrl}${request.path}${queryString(request.query)}`, {
        method: request.method,
        headers: this.#headers(request, key),
        body: request.body === undefined ? null : JSON.stringify(request.body),
        signal: options.signal ? AbortSignal.any([options.signal, limit.signal]) : limit.signal,
        // A redirect would turn a POST into a GET, or carry the call to another server.
        redirect: 'error',
        credentials: 'omit',
      });
      if (!response.ok) throw await this.#refusal(request, response);
      return await read(response);
    } catch (error) {
      options.signal?.throwIfAborted();
      throw this.#named(error);
    } finally {
      clearTimeout(timer);
    }
  }

  async #refusal(request: Request, response: Response): Promise<OnMemOSError> {
    const { status, headers } = response;
    return problemError({ status, headers, text: await response.text(), path: request.path });
  }

  #named(error: unknown): unknown {
    return error instanceof OnMemOSError ? error : new ConnectionFailed(this.settings.baseUrl, error);
  }

  #headers(request: Request, key: string | null): Record<string, string> {
    const { apiKey } = this.settings;
    return {
      Accept: 'application/json',
      ...(request.body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(apiKey === null ? {} : { Authorization: `Bearer ${apiKey}` }),
      ...(key === null ? {} : { 'Idempotency-Key': key }),
      ...request.headers,
    };
  }
}
