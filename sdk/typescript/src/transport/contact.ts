/** What platforms say of a connection that broke, and of one that no server accepts. */
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
const REFUSED = 'ECONNREFUSED';

/** What a client knows of its server's presence, in all its calls. */
export class Contact {
  /** When it was first found away, in ms; null while it answers, and where it has never answered. */
  #awaySince: number | null = null;
  #reached = false;

  /** Whether a connection to it broke, while it had not answered. */
  #broke = false;

  /**
   * Whether it is known to exist: it has answered this client, or was there and went away under a call. One that is not
   * known is not waited for.
   */
  get reached(): boolean {
    return this.#reached;
  }

  /** A call failed. A connection that breaks may be another program's; refused after that, it is a restart. */
  failed(code: string | null): void {
    if (code !== null && BROKEN.has(code)) this.#broke = true;
    if (code === REFUSED && this.#broke) this.#reached = true;
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
