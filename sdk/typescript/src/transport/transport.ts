import { pauseForEnd } from '../ending/signals.ts';
import { ConnectionFailed, OnMemOSError } from '../errors.ts';
import type { CallOptions } from '../options.ts';
import { problemError } from '../problem.ts';
import { pause } from './backoff.ts';
import { Contact } from './contact.ts';
import { type Query, queryString } from './path.ts';
import { isOfAProxy, Retries } from './retries.ts';
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
  /** Is called where an attempt had no answer, or none that says whether the server has done it. */
  readonly unanswered?: () => void;
}

/** Some platforms give up on an answer's head after 300 s: a longer hold is asked for again, under its key. */
const LONGEST_HOLD_S = 240;
/** A connection that carried a held call this long was a working one: its break starts the count of retries anew. */
const WORKING_MS = 1_000;
/** Retries where what was cut off goes on at the server, and the server answers that it can't answer. */
const RETRIES_AFTER_A_CUT = 10;
/** Of calls that their caller does not wait for long. */
const BRIEF = { timeoutMs: 5_000, maxRetries: 2, reconnectSeconds: 0 };

/** Makes calls: the key, the time limit, retries and errors are its matter. */
export class Transport {
  readonly settings: Settings;
  readonly #contact: Contact;
  readonly #isBrief: boolean;

  constructor(settings: Settings, contact: Contact = new Contact(), isBrief = false) {
    this.settings = settings;
    this.#contact = contact;
    this.#isBrief = isBrief;
  }

  /** The same server, for calls that undo what a caller has left. A signal that ends the program does not stop them. */
  brief(): Transport {
    const { timeoutMs, maxRetries } = this.settings;
    const limits = {
      timeoutMs: Math.min(timeoutMs, BRIEF.timeoutMs),
      maxRetries: Math.min(maxRetries, BRIEF.maxRetries),
      reconnectSeconds: BRIEF.reconnectSeconds,
    };
    return new Transport({ ...this.settings, ...limits }, this.#contact, true);
  }

  /** Whether the server has ever answered this client. */
  get reached(): boolean {
    return this.#contact.reached;
  }

  /** A call that answers JSON. @throws OnMemOSError, or the reason of an aborted signal */
  async json<T>(request: Request, options: CallOptions = {}): Promise<T> {
    return this.#retried(request, options, async (response) => JSON.parse(await response.text()) as T);
  }

  /** A call that answers a stream: it ends early when its signal is aborted. */
  async stream(request: Request, options: CallOptions = {}): Promise<Response> {
    return this.#retried(request, options, async (response) => response);
  }

  /** How often what was cut off is asked for again: more often than other calls, but for clients that never ask again. */
  retriesAfterACut(options: CallOptions): number {
    const { maxRetries } = this.settings;
    return options.maxRetries ?? (maxRetries === 0 ? 0 : Math.max(maxRetries, RETRIES_AFTER_A_CUT));
  }

  /** The attempts of one call, or of a stream over several connections. */
  retries(most: number, reconnectSeconds: number = this.settings.reconnectSeconds): Retries {
    const { baseUrl } = this.settings;
    return new Retries(this.#contact, { baseUrl, most, reconnectSeconds });
  }

  async #retried<T>(request: Request, options: CallOptions, read: (response: Response) => Promise<T>): Promise<T> {
    const { maxRetries = this.settings.maxRetries } = options;
    const afterACut = this.retriesAfterACut(options);
    let retries = this.retries(request.goesOn ? afterACut : maxRetries);
    const key = request.method === 'POST' ? (options.idempotencyKey ?? crypto.randomUUID()) : null;
    const holdUntil = performance.now() + (request.holdSeconds ?? 0) * 1000;
    for (;;) {
      const begun = performance.now();
      try {
        const answer = await this.#attempt(request, options, key, Math.max(0, holdUntil - begun), read);
        if (!this.#isBrief) await pauseForEnd();
        return answer;
      } catch (error) {
        if (!this.#isBrief) await pauseForEnd();
        if (mayBeDone(error)) request.unanswered?.();
        options.signal?.throwIfAborted();
        const held = error instanceof ConnectionFailed && performance.now() < holdUntil;
        if (held && performance.now() - begun > WORKING_MS) retries = this.retries(afterACut);
        await pause(retries.delayAfter(error), options.signal);
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
      const refusal = response.ok ? null : await this.#refusal(response);
      if (!isOfAProxy(refusal)) this.#contact.answered();
      if (refusal) throw refusal;
      return await read(response);
    } catch (error) {
      options.signal?.throwIfAborted();
      this.#contact.failed(codeOf(error));
      throw this.#named(error);
    } finally {
      clearTimeout(timer);
    }
  }

  async #refusal(response: Response): Promise<OnMemOSError> {
    const { status, headers } = response;
    return problemError({ status, headers, text: await response.text() });
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

/** What platforms say where no connection came about. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);

const mayBeDone = (error: unknown): boolean =>
  error instanceof ConnectionFailed
    ? !NEVER_SENT.has(codeOf(error.cause) ?? '')
    : error instanceof OnMemOSError && (error.status ?? 0) >= 500;

/** The code that a platform gives to what failed. */
const codeOf = (error: unknown): string | null => {
  const { cause, code } = (error ?? {}) as { readonly cause?: { readonly code?: unknown }; readonly code?: unknown };
  const found = cause?.code ?? code;
  return typeof found === 'string' ? found : null;
};
