interface Turn {
  begin(): void;
  fail(reason: unknown): void;
}

/** Lets so many works run at once; the others wait for their turn, in the order of their coming. */
export class Places {
  readonly #most: number;
  readonly #waiting: Turn[] = [];
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** @throws what `refuse` was given while the work waited */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#taken < this.#most) this.#taken += 1;
    else await new Promise<void>((begin, fail) => this.#waiting.push({ begin, fail }));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next.begin();
      else this.#taken -= 1;
    }
  }

  /** Sends away what waits. */
  refuse(reason: unknown): void {
    for (const { fail } of this.#waiting.splice(0)) fail(reason);
  }
}
