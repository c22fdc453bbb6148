/**
 * The server’s time. Instants are of the wall clock, as clients name them; durations of the server’s own are divided by
 * the factor, so that 15 s pass in 150 ms at a factor of 100. A test moves the time on by `advance`.
 */
export class ServerClock {
  readonly factor: number;
  readonly #waits = new Set<{ readonly at: number; readonly run: () => void; timer?: NodeJS.Timeout }>();
  #ahead = 0;

  constructor(factor: number) {
    if (!(factor >= 1)) throw new TypeError(`the clock factor is ${factor}: write a number of at least 1`);
    this.factor = factor;
  }

  now(): number {
    return Date.now() + this.#ahead;
  }

  /** The instant at which a duration that begins now is over. */
  after(durationMs: number): number {
    return this.now() + durationMs / this.factor;
  }

  /** How much of the server’s own time lies between two instants. */
  between(from: number, to: number): number {
    return (to - from) * this.factor;
  }

  /** Runs once when the instant has come. @returns what takes it back */
  at(instant: number, run: () => void): () => void {
    const wait = { at: instant, run };
    this.#waits.add(wait);
    this.#arm(wait);
    return () => this.#drop(wait);
  }

  /** Lets wall-clock time pass at once: everything that is due by then runs. */
  advance(ms: number): void {
    this.#ahead += ms;
    for (const wait of [...this.#waits]) {
      clearTimeout(wait.timer);
      this.#arm(wait);
    }
  }

  stop(): void {
    for (const wait of [...this.#waits]) this.#drop(wait);
  }

  #arm(wait: { readonly at: number; readonly run: () => void; timer?: NodeJS.Timeout }): void {
    // Longer than Node’s timers are able to wait: looked at again then.
    const left = Math.min(Math.max(0, wait.at - this.now()), 2 ** 31 - 1);
    wait.timer = setTimeout(() => {
      if (!this.#waits.has(wait)) return;
      // A timer may fire a part of a millisecond early.
      if (this.now() < wait.at) return this.#arm(wait);
      this.#waits.delete(wait);
      wait.run();
    }, left);
    wait.timer.unref();
  }

  #drop(wait: { readonly at: number; readonly run: () => void; timer?: NodeJS.Timeout }): void {
    this.#waits.delete(wait);
    clearTimeout(wait.timer);
  }
}
