/** How a client is set up. What is left out is found as {@link OnMemOSClient} says. */
export interface ClientOptions {
  /** Where the server is, such as `https://onmemos.example`. */
  readonly baseUrl?: string | undefined;
  /** An API key, `omk_…`. */
  readonly apiKey?: string | undefined;
  /**
   * Who sessions are for where a call does not say: needed by keys that act for anyone. Else `ONMEMOS_USER`, else, with
   * the key of this machine's own server, the user of this machine.
   */
  readonly user?: string | undefined;
  /** Milliseconds that an answer may take, beyond what the server was asked to hold it; 30,000 when left out. */
  readonly timeoutMs?: number | undefined;
  /** How often a call is made again after a failure that may pass; 4 when left out. */
  readonly maxRetries?: number | undefined;
  /** Seconds that a create waits for the session to run, 0 not to; 60 when left out. */
  readonly wait?: number | undefined;
  /** Instead of the platform's `fetch`, such as one that goes through a proxy. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** What every call takes beside its own arguments. */
export interface CallOptions {
  /** Ends the call early: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that the answer may take; the client's when left out. */
  readonly timeoutMs?: number | undefined;
  /** How often the call is made again; the client's when left out. */
  readonly maxRetries?: number | undefined;
  /** Names the call, of those that create or change by POST; one is made when left out. */
  readonly idempotencyKey?: string | undefined;
}

/** A call that waits for a session to come or to go. */
export interface WaitOptions extends CallOptions {
  /** Seconds that the server holds the answer; running out is no error: the session is answered as it is. */
  readonly wait?: number | undefined;
}
