import { CliError } from '../errors.ts';
import { returncodeOfSignal } from 'onmemos';
import { onLostOutput, ReaderLeft } from '../ui/lost-output.ts';

const WATCHED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
type Watched = (typeof WATCHED)[number];
/** One Ctrl-C can arrive twice: from the terminal, and again from npm, which forwards signals. */
const ECHO_MS = 100;

/** `ending`: the end is under way. `left`: the program exits without waiting for it. */
export type Stage = 'ending' | 'left';

/** A signal ended the command line. Its sender knows why, so no message is printed. */
class Interrupted extends CliError {
  constructor(exit: number) {
    super('', { exit });
    this.name = 'Interrupted';
  }
}

/** What a person types at a terminal; any other signal tells this program to end. */
const TYPED: ReadonlySet<Watched> = new Set(['SIGINT', 'SIGQUIT']);

/**
 * Forwards Ctrl-C and Ctrl-\\ to a command. The receiver gets the first signal; the next signal ends the work of this program.
 * Without a receiver, and for TERM and HUP, the first signal ends that work. While the work ends, one more signal only prints a message. The
 * signal after that ends the process at once.
 */
export class Interrupts implements Disposable {
  readonly #ending = new AbortController();
  readonly #off: () => void;
  readonly #say: (stage: Stage) => void;
  #receive: ((signal: string) => void) | null = null;
  #passed = false;
  #warned = false;
  #hurried = false;
  #last = { signal: '', at: Number.NEGATIVE_INFINITY };

  /** @param say prints how far the end is, for a person who presses Ctrl-C again */
  constructor(say: (stage: Stage) => void = () => {}) {
    this.#say = say;
    const handlers = WATCHED.map((name) => {
      const handler = (): void => this.#came(name);
      process.on(name, handler);
      return () => process.off(name, handler);
    });
    const output = onLostOutput((lost) => this.#ending.abort(lost));
    this.#off = () => {
      for (const off of handlers) off();
      output();
    };
  }

  /** Whether a person asked twice to end at once, and waits for nothing that can be left. */
  get hurried(): boolean {
    return this.#hurried;
  }

  /** Aborted, with an {@link Interrupted}, when this program must end its work. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Ends the work as where the reader of our output has left. */
  readerGone(): void {
    this.#ending.abort(new ReaderLeft());
  }

  /** Sets the receiver of the next signal, which gets the signal's name without SIG. */
  passTo(receive: ((signal: string) => void) | null): void {
    this.#receive = receive;
    this.#passed = false;
  }

  [Symbol.dispose](): void {
    this.#off();
  }

  #came(name: Watched): void {
    const now = performance.now();
    const echo = this.#last.signal === name && now - this.#last.at < ECHO_MS;
    this.#last = { signal: name, at: now };
    if (echo) return;
    if (TYPED.has(name) && this.#receive && !this.#passed && !this.#ending.signal.aborted) {
      this.#passed = true;
      this.#receive(name.slice(3));
    } else if (!this.#ending.signal.aborted) {
      this.#hurried = TYPED.has(name) && this.#passed;
      this.#ending.abort(new Interrupted(returncodeOfSignal(name)));
    } else if (!this.#warned) {
      this.#warned = true;
      this.#say('ending');
    } else {
      this.#say('left');
      process.exit(returncodeOfSignal(name));
    }
  }
}

/** Waits for a promise until the signal is aborted. @throws the signal's reason */
export const orAborted = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
};
