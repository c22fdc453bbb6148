/** A queue of items for one consumer. */
export class EventQueue<T> {
  #items: T[] = [];
  #head = 0;
  #waiting: PromiseWithResolvers<void> | null = null;
  #end: { readonly error: Error | null } | null = null;

  push(item: T): void {
    if (this.#end) return;
    this.#items.push(item);
    this.#wake();
  }

  /** Ends the queue. The consumer still gets the queued items, then `error` if there is one. */
  end(error: Error | null): void {
    this.#end ??= { error };
    this.#wake();
  }

  /** The next item, or undefined at the end. @throws the error with which the queue ended */
  async next(): Promise<T | undefined> {
    for (;;) {
      if (this.#head < this.#items.length) return this.#take();
      if (this.#end) {
        if (this.#end.error) throw this.#end.error;
        return undefined;
      }
      this.#waiting ??= Promise.withResolvers<void>();
      await this.#waiting.promise;
    }
  }

  #take(): T | undefined {
    const item = this.#items[this.#head];
    this.#head++;
    if (this.#head === this.#items.length || this.#head > 1024) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = null;
  }
}
