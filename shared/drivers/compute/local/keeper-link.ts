import { CallError } from '#platform/protocol/call-error.ts';
import type { FrameClient } from '#platform/protocol/client.ts';
import { execChannel } from '#platform/protocol/exec-channel.ts';
import type { Header } from '#platform/protocol/frames.ts';
import { readUsage } from '#platform/protocol/wire.ts';
import { retry } from '#platform/retry.ts';
import { ComputeRefused, ComputeUnavailable, SessionGone } from '#ports/compute.ts';
import type { Clock } from '#ports/clock.ts';
import { type ExecChannel, ExecError, type Usage } from '#ports/exec.ts';
import type { Logger } from '#ports/logger.ts';
import { AnswerWatch } from './answer-watch.ts';
import type { KeeperHangs } from './keeper-hangs.ts';
import { SharedClient } from './shared-client.ts';
import { execError, watchedChannel } from './watched-channel.ts';

export interface KeeperLinkOptions {
  /** Opens a connection for control or for a session, and starts the keeper if none runs. */
  readonly connect: (session?: string) => Promise<FrameClient>;
  /** What to tell of the keeper while it does not answer. */
  readonly hangs: () => Promise<KeeperHangs>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** This server's connections to the keeper: one for control, one for the execs of each session. */
export class KeeperLink {
  readonly #options: KeeperLinkOptions;
  readonly #control = new SharedClient(() => this.#openControl());
  readonly #channels = new Map<string, SharedClient>();
  readonly #watch: AnswerWatch;
  /** The control connection that is open, if one is. */
  #open: FrameClient | null = null;
  #closed = false;

  constructor(options: KeeperLinkOptions) {
    const { clock, hangs } = options;
    this.#options = options;
    this.#watch = new AnswerWatch({ clock, hangs, ping: async () => this.#open?.call('ping', {}) });
  }

  /** All keeper operations are idempotent, so a call whose connection broke is made once more. */
  async call(op: string, params: Header): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      try {
        const control = await this.control();
        return await this.#watch.within(() => control.call(op, params));
      } catch (error) {
        if (attempt < 2 && error instanceof ExecError && error.code === 'unavailable' && !this.#closed) continue;
        throw computeError(error);
      }
    }
  }

  async control(): Promise<FrameClient> {
    this.#refuseWhenClosed();
    return this.#control.get();
  }

  /** The session's exec channel. All callers share its connection, which stays open after them. */
  async exec(key: string): Promise<ExecChannel> {
    this.#refuseWhenClosed();
    let channel = this.#channels.get(key);
    if (!channel) {
      channel = new SharedClient(() => this.#openChannel(key));
      this.#channels.set(key, channel);
    }
    try {
      const opened = channel;
      const execs = watchedChannel(execChannel(await this.#watch.within(() => opened.get())), this.#watch);
      return { ...execs, usage: () => this.#usage(key, execs), close: () => {} };
    } catch (error) {
      // A keeper that hangs answers the hello of the connection when it goes on.
      if (this.#channels.get(key) === channel && !this.#watch.hung) this.#channels.delete(key);
      throw execError(computeError(error));
    }
  }

  /** The session has ended: the next request for its execs asks the keeper again. */
  drop(key: string): void {
    this.#channels.delete(key);
  }

  /** Opens no new connection from now on. Open ones end with the keeper. */
  retire(): void {
    this.#closed = true;
  }

  close(): void {
    this.retire();
    for (const shared of [this.#control, ...this.#channels.values()]) shared.close();
  }

  /** Keepers of earlier releases have `usage` on the control connection only, and answer `invalid` here. */
  async #usage(key: string, execs: ExecChannel): Promise<Usage> {
    try {
      return await execs.usage();
    } catch (error) {
      if (!(error instanceof ExecError) || error.code !== 'invalid') throw error;
      return readUsage(await this.call('usage', { key }));
    }
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new ComputeUnavailable('the driver is closed');
  }

  async #openControl(): Promise<FrameClient> {
    const client = await this.#connect();
    this.#open = client;
    void client.closed.then(() => {
      if (this.#open === client) this.#open = null;
      this.#lost();
    });
    return client;
  }

  async #openChannel(key: string): Promise<FrameClient> {
    // The control connection is opened first: it replaces a keeper that died, and the new one knows no session.
    await this.control();
    const client = await this.#connect(key);
    void client.closed.then(() => this.#channels.delete(key));
    return client;
  }

  /** An ending keeper may still accept a connection and then break it. A retry reaches the next keeper. */
  #connect(session?: string): Promise<FrameClient> {
    const retryable = (error: unknown) => !this.#closed && error instanceof ExecError && error.code === 'unavailable';
    return this.#patiently(() => this.#options.connect(session), retryable);
  }

  #patiently<T>(work: () => Promise<T>, retryable: (error: unknown) => boolean): Promise<T> {
    // One server has one keeper, so retries need no jitter.
    const ids = { fraction: () => 1 };
    return retry(work, { clock: this.#options.clock, ids, attempts: 6, min_ms: 20, max_ms: 500, retryable });
  }

  /** A keeper that died left sandboxes, which only the next keeper removes. So that one is started at once. */
  #lost(): void {
    if (this.#closed) return;
    const { log } = this.#options;
    log.warn({}, 'the connection to the keeper broke');
    this.#patiently(
      () => this.control(),
      () => !this.#closed,
    ).catch((error: unknown) => log.error({ error }, 'the keeper can not be reached'));
  }
}

/** Maps to the errors of the Compute port. For another keeper's session the caller gets the reason, as ExecError. */
const computeError = (error: unknown): unknown => {
  if (error instanceof CallError && error.code === 'other_keeper') return new ExecError('unavailable', error.message);
  if (error instanceof ExecError) {
    if (error.code === 'no_such_session') return new SessionGone(error.message);
    if (error.code === 'invalid') return new ComputeRefused(error.message);
    return new ComputeUnavailable(error.message);
  }
  if (error instanceof CallError) {
    return error.code === 'refused' ? new ComputeRefused(error.message) : new ComputeUnavailable(error.message);
  }
  return error;
};
