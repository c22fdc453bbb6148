import type { Clock, Timer } from '#ports/clock.ts';

/** Calls that wait so long are followed by a ping. */
const PING_AFTER_MS = 5_000;
/** A ping that is not answered within this time says that the keeper hangs. It answers within milliseconds. */
const ANSWER_WITHIN_MS = 10_000;

export interface AnswerWatchOptions {
  readonly clock: Pick<Clock, 'timer'>;
  /** Resolves when the keeper answers, whatever else it does. Rejects where the connection is over. */
  readonly ping: () => Promise<unknown>;
  /** What those who wait are told. */
  readonly hangs: () => Promise<Error>;
}

/**
 * Bounds the wait for a keeper that hangs. The kernel tells when the other side of a Unix socket has died, and not
 * when it is stopped. So while anybody waits, one ping at a time asks whether the keeper answers at all. A call may
 * still take as long as it likes: only the ping has a limit. Connections are kept, so that all goes on when the keeper
 * does.
 */
export class AnswerWatch {
  readonly #options: AnswerWatchOptions;
  readonly #waiting = new Set<(error: Error) => void>();
  #timer: Timer | null = null;
  #pinging = false;
  #hung: Error | null = null;

  constructor(options: AnswerWatchOptions) {
    this.#options = options;
  }

  /** The result of `work`, which is not begun while the keeper is known to hang. @throws what `hangs` says */
  async within<T>(work: () => Promise<T>): Promise<T> {
    if (this.#hung) throw this.#hung;
    const hung = Promise.withResolvers<never>();
    hung.promise.catch(() => {});
    this.#waiting.add(hung.reject);
    this.#arm();
    try {
      return await Promise.race([work(), hung.promise]);
    } finally {
      this.#waiting.delete(hung.reject);
      if (this.#waiting.size === 0) this.#disarm();
    }
  }

  /** Whether the ping that was not answered in time is still not answered. */
  get hung(): boolean {
    return this.#hung !== null;
  }

  #arm(): void {
    if (this.#pinging) return;
    this.#timer ??= this.#options.clock.timer(PING_AFTER_MS, () => {
      this.#timer = null;
      void this.#ask();
    });
  }

  #disarm(): void {
    if (this.#pinging) return;
    this.#timer?.cancel();
    this.#timer = null;
  }

  async #ask(): Promise<void> {
    const { clock, ping, hangs } = this.#options;
    this.#pinging = true;
    let answered = false;
    const limit = clock.timer(ANSWER_WITHIN_MS, () => {
      void hangs().then((error) => {
        if (answered) return;
        this.#hung = error;
        for (const reject of [...this.#waiting]) reject(error);
      });
    });
    // A connection that broke has told those who wait on it by itself.
    await ping().catch(() => {});
    answered = true;
    limit.cancel();
    this.#hung = null;
    this.#pinging = false;
    if (this.#waiting.size > 0) this.#arm();
  }
}
