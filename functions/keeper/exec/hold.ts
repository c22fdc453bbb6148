import { SENT_KEPT_BYTES } from '#platform/protocol/bounds.ts';
import type { Clock, Timer } from '#ports/clock.ts';

/** One reading by the reader that holds. */
export interface HeldReading {
  /** All before this offset is sent. */
  sent(offset: number): void;
  /** The reader has left. */
  end(): void;
}

export interface HoldOptions {
  readonly clock: Clock;
  /** How long a command waits for a reader that is not there, milliseconds. */
  readonly wait_ms: number;
  /** What is kept, or that nothing is held any more, has changed. */
  readonly changed: () => void;
}

/**
 * Whether a full log makes its command wait. One reader holds: the first that asks for it from byte 0. It may leave and
 * come back under its id. Without it the command waits for a limited time; then the hold is over for good.
 */
export class Hold {
  readonly #options: HoldOptions;
  #reader: string | null = null;
  #sent = 0;
  #reading: symbol | null = null;
  #timer: Timer | null = null;
  #over = false;
  #ended = false;

  constructor(options: HoldOptions) {
    this.#options = options;
  }

  /** The first offset that the reader has not been sent. */
  get sentTo(): number {
    return this.#sent;
  }

  /** What lies behind this offset is not dropped. Some that was sent is kept too: a broken connection loses it. */
  get keptFrom(): number {
    return this.#over ? Number.POSITIVE_INFINITY : this.#sent - SENT_KEPT_BYTES;
  }

  /** Whether a command waits whose log ends at `next`. */
  stops(next: number, limit_bytes: number): boolean {
    if (this.#over || this.#ended || next - this.#sent < limit_bytes) return false;
    if (this.#reading === null && this.#timer === null) this.#wait();
    return true;
  }

  /** A reading under this id from this offset on; null where another reader holds, or nothing is held any more. */
  begin(reader: string, from: number): HeldReading | null {
    if (this.#over || (this.#reader === null ? from !== 0 : this.#reader !== reader)) return null;
    const reading = Symbol(reader);
    this.#reader = reader;
    this.#reading = reading;
    this.#timer?.cancel();
    this.#timer = null;
    // What its connection has lost it asks for again.
    this.#sent = Math.min(this.#sent, from);
    return {
      sent: (offset) => {
        if (this.#reading !== reading || offset <= this.#sent) return;
        this.#sent = offset;
        this.#options.changed();
      },
      end: () => {
        if (this.#reading !== reading) return;
        this.#reading = null;
        this.#wait();
      },
    };
  }

  /** The command's output has ended: nothing waits any more. What the reader lacks is kept for it as before. */
  end(): void {
    this.#ended = true;
    if (this.#reading === null && this.#timer === null) this.#wait();
  }

  /** Nothing is held any more. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#over = true;
  }

  #wait(): void {
    if (this.#over) return;
    this.#timer = this.#options.clock.timer(this.#options.wait_ms, () => {
      this.close();
      this.#options.changed();
    });
  }
}
