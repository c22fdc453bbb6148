import type { Behaviour } from './behaviour.ts';
import type { ServerClock } from './server-clock.ts';

/** How fast a queue may deliver. */
export interface Limits {
  readonly max_dispatches_per_second: number;
  readonly max_burst_size: number;
  readonly max_concurrent_dispatches: number;
}

/** The share of its rate with which a new queue starts, and below which no queue is throttled. */
const LEAST_SHARE = 0.02;
/** The share doubles in this much of the server’s own time. */
const RECOVERY_MS = 1000;
/** The last answers of a queue, and the share of errors among them that throttles it. */
const WINDOW = 50;
const HIGH_ERRORS = 0.9;

/**
 * The pace of one queue: a bucket of tokens that refills with the queue’s rate, a bound on deliveries that run at once,
 * and the share of its rate that is left to the queue after 429, 503 or many errors.
 */
export class Pace {
  readonly #clock: ServerClock;
  readonly #behaviour: Behaviour;
  #limits: Limits;
  #tokens: number;
  #filled: number;
  #share: number;
  #errors: boolean[] = [];
  running = 0;

  constructor(limits: Limits, behaviour: Behaviour, clock: ServerClock) {
    this.#clock = clock;
    this.#behaviour = behaviour;
    this.#limits = limits;
    this.#share = behaviour.ramp_up === 'on' ? LEAST_SHARE : 1;
    this.#tokens = limits.max_burst_size * this.#share;
    this.#filled = clock.now();
  }

  set limits(limits: Limits) {
    this.#fill();
    this.#limits = limits;
  }

  get share(): number {
    this.#fill();
    return this.#share;
  }

  /** Takes a token. @returns 0, or how much wall-clock time passes until there is one; Infinity if all places are taken */
  take(): number {
    this.#fill();
    if (this.running >= this.#limits.max_concurrent_dispatches) return Number.POSITIVE_INFINITY;
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    const rate = this.#limits.max_dispatches_per_second * this.#share;
    return ((1 - this.#tokens) / rate) * (1000 / this.#clock.factor);
  }

  /** Notes what a delivery was answered; null stands for no answer. */
  answered(httpStatus: number | null): void {
    if (this.#behaviour.throttling === 'off') return;
    this.#fill();
    const failed = httpStatus === null || httpStatus >= 300;
    this.#errors = [...this.#errors, failed].slice(-WINDOW);
    const isHigh = this.#errors.length === WINDOW && this.#errors.filter(Boolean).length >= WINDOW * HIGH_ERRORS;
    if (httpStatus === 429 || httpStatus === 503 || (failed && isHigh)) {
      this.#share = Math.max(LEAST_SHARE, this.#share / 2);
      this.#tokens = Math.min(this.#tokens, this.#limits.max_burst_size * this.#share);
    }
  }

  #fill(): void {
    const now = this.#clock.now();
    const passed = this.#clock.between(this.#filled, now);
    this.#filled = now;
    this.#share = Math.min(1, this.#share * 2 ** (passed / RECOVERY_MS));
    const { max_dispatches_per_second, max_burst_size } = this.#limits;
    this.#tokens = Math.min(
      Math.max(1, max_burst_size * this.#share),
      this.#tokens + (passed / 1000) * max_dispatches_per_second * this.#share,
    );
  }
}
