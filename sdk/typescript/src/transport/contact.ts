/** What a client knows of its server's presence, in all its calls. */
export class Contact {
  /** When it was first found away, in ms; null while it answers, and where it has never answered. */
  #awaySince: number | null = null;
  #reached = false;

  /** Whether it has ever answered this client. One that never has is not waited for: it may not exist. */
  get reached(): boolean {
    return this.#reached;
  }

  answered(): void {
    this.#reached = true;
    this.#awaySince = null;
  }

  /** It could not be reached. @returns for how many milliseconds now; null where it was never reached */
  away(now: number): number | null {
    if (!this.#reached) return null;
    this.#awaySince ??= now;
    return now - this.#awaySince;
  }
}
