/** The functions that watch each document. */
export class Watchers {
  readonly #byKey = new Map<string, Set<() => void>>();

  add(collection: string, id: string, changed: () => void): () => void {
    const key = `${collection}/${id}`;
    // One function may watch twice; each watch is stopped on its own.
    const own = (): void => changed();
    const watching = this.#byKey.get(key) ?? new Set();
    this.#byKey.set(key, watching.add(own));
    this.#tell(key, own);
    return () => {
      watching.delete(own);
      if (watching.size === 0 && this.#byKey.get(key) === watching) this.#byKey.delete(key);
    };
  }

  /** Calls each watcher in a separate turn, so that its errors do not reach the writer. */
  notify(keys: Iterable<string>): void {
    for (const key of new Set(keys)) {
      for (const changed of this.#byKey.get(key) ?? []) this.#tell(key, changed);
    }
  }

  #tell(key: string, changed: () => void): void {
    queueMicrotask(() => {
      if (this.#byKey.get(key)?.has(changed)) changed();
    });
  }
}
