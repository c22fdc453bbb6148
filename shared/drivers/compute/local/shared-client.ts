import type { FrameClient } from '#platform/protocol/client.ts';

/** One connection for all callers. It is opened at the first call, and again after it has broken. */
export class SharedClient {
  readonly #open: () => Promise<FrameClient>;
  #current: Promise<FrameClient> | null = null;

  constructor(open: () => Promise<FrameClient>) {
    this.#open = open;
  }

  /** @throws what kept the connection from opening */
  async get(): Promise<FrameClient> {
    const present = this.#current;
    const client = await present?.catch(() => null);
    if (client?.open) return client;
    if (this.#current !== present) return this.get();
    this.#current = this.#open();
    return this.#current;
  }

  close(): void {
    this.#current?.then(
      (client) => client.close(),
      () => {},
    );
  }
}
