import { orAborted } from './or-aborted.ts';

/** What comes by itself, kept in order for one reader who asks for it. */
export class EventQueue<T> {
  readonly #waiting: T[] = [];
  #wake: () => void = () => undefined;
  #failure: { readonly error: unknown } | null = null;

  push(item: T): void {
    this.#waiting.push(item);
    this.#wake();
  }

  /** What is waiting is still given; then the error is thrown. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake();
  }

  /** The next one, when it is there. @throws the signal's reason, or what {@link fail} was given */
  async next(signal?: AbortSignal): Promise<T> {
    for (;;) {
      signal?.throwIfAborted();
      const item = this.#waiting.shift();
      if (item !== undefined) return item;
      if (this.#failure) throw this.#failure.error;
      await this.#woken(signal);
    }
  }

  #woken(signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    return orAborted(promise, signal);
  }
}
