/**
 * The bytes that a reader is ready to take. A sender may send while the credit is above zero; its last frame may exceed
 * the credit.
 */
export class CreditGate {
  #balance = 0;
  #waiting: PromiseWithResolvers<void> | null = null;

  get open(): boolean {
    return this.#balance > 0;
  }

  add(bytes: number): void {
    this.#balance += bytes;
    if (this.open) this.#wake();
  }

  take(bytes: number): void {
    this.#balance -= bytes;
  }

  /** Resolves when there is credit or the signal is aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    const wake = (): void => this.#wake();
    signal.addEventListener('abort', wake, { once: true });
    while (!this.open && !signal.aborted) {
      this.#waiting ??= Promise.withResolvers<void>();
      await this.#waiting.promise;
    }
    signal.removeEventListener('abort', wake);
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = null;
  }
}
