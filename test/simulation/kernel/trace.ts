const KEPT = 80;

type Entry = readonly [at: number, who: string, what: string, more: unknown];

/** The last events, for the reader of a failure. When one schedule is replayed: all events. */
export class Trace {
  readonly #everything: boolean;
  readonly #entries: Entry[] = [];
  readonly #start: number;
  #next = 0;

  constructor(everything: boolean, start: number) {
    this.#everything = everything;
    this.#start = start;
  }

  /** `more` becomes text only when the trace is read. */
  add(at: number, who: string, what: string, more?: unknown): void {
    const entry: Entry = [at, who, what, more];
    if (this.#everything) this.#entries.push(entry);
    else this.#entries[this.#next++ % KEPT] = entry;
  }

  lines(): string[] {
    const turn = this.#everything || this.#entries.length < KEPT ? 0 : this.#next % KEPT;
    const ordered = [...this.#entries.slice(turn), ...this.#entries.slice(0, turn)];
    return ordered.map(([at, who, what, more]) => {
      const seconds = ((at - this.#start) / 1000).toFixed(3).padStart(9);
      return `${seconds} ${who.padEnd(8)} ${what}${more === undefined ? '' : ` ${this.#text(more)}`}`;
    });
  }

  #text(more: unknown): string {
    if (more instanceof Error) return `${more.name}: ${more.message}`;
    return typeof more === 'string' ? more : JSON.stringify(more);
  }
}
