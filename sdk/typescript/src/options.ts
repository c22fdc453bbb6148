/** Options of a client. {@link OnMemOSClient} says what is used for those that are left out. */
export interface ClientOptions {
  /** Address of the server, such as `https://onmemos.example`. */
  readonly baseUrl?: string | undefined;
  /** An API key, `omk_…`. */
  readonly apiKey?: string | undefined;
  /**
   * User of new sessions, if a call names none. Default: `ONMEMOS_USER`, then, with the key of the local server, your
   * OS
   * user. A key that acts for any user needs one of these.
   */
  readonly user?: string | undefined;
  /** Milliseconds to wait for an answer, in addition to the time that the call itself may take (default: 30,000). */
  readonly timeoutMs?: number | undefined;
  /** How often a call is repeated after a temporary failure (default: 4). */
  readonly maxRetries?: number | undefined;
  /**
   * Seconds for which a server that has answered this client before is waited for when it can't be reached, as while it
   * restarts (default: 60; 0: it is not waited for). Calls and output that is being read then continue. A server that
   * has never answered is not waited for. Without retries (`maxRetries: 0`) there is no waiting either.
   */
  readonly reconnectSeconds?: number | undefined;
  /** Seconds that a create waits until the session runs (default: 60; 0: it does not wait). */
  readonly wait?: number | undefined;
  /** A replacement of the platform's `fetch`, such as one that uses a proxy. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** Options of every call. */
export interface CallOptions {
  /** Aborts the call, which rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds to wait for the answer (default: the client's `timeoutMs`). */
  readonly timeoutMs?: number | undefined;
  /** How often the call is repeated (default: the client's `maxRetries`). */
  readonly maxRetries?: number | undefined;
  /** Idempotency key of a POST: a repeated call with the same key takes effect once (default: a new key). */
  readonly idempotencyKey?: string | undefined;
}

/** Options of a read of output. */
export interface OutputOptions extends CallOptions {
  /** Offset in bytes, over both streams (default: 0). */
  readonly from?: number | undefined;
  /**
   * A name for this reader. A command that was started with `when_full: 'hold'` waits for the first reader that gives a
   * name and reads from byte 0. After a cut, a reader with the same name continues.
   */
  readonly hold?: string | undefined;
  /**
   * Leave out what was read from the command before this instant (ISO 8601, such as `2026-11-22T18:00:00Z`). With `from`
   * too, reading begins at the later of the two. Not together with `hold`.
   */
  readonly since?: string | undefined;
}

/** Options of a call that waits until a session runs or has ended. */
export interface WaitOptions extends CallOptions {
  /** Seconds to wait. If they pass, the call returns the session as it is then. */
  readonly wait?: number | undefined;
}
