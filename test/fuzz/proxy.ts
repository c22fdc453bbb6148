import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { drop, send } from '../sdk/faults/inbox.ts';

/** Where a piece of a conversation is: before or after it is passed on, or half of an answer passed on. */
export type Moment = 'request' | 'sent' | 'answer' | 'middle' | 'answered';

/** Called at each moment, which are counted from 1. The piece waits until the call returns. */
export type Watch = (moment: Moment, step: number, cut: (reset: boolean) => void) => Promise<void> | void;

/** Stands before a server and shows each moment at which a client of it waits for something. */
export class MomentProxy {
  readonly #server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => this.#serve(client));
  readonly #open = new Set<Socket>();
  readonly #target: { readonly host: string; readonly port: number };
  #own = 0;
  #watch: Watch = () => undefined;
  #step = 0;
  #delayMs = 0;
  /** Answers with status 500 since it was armed. */
  internal = 0;
  last: Moment | null = null;
  lastAt = 0;

  constructor(target: string) {
    const { hostname, port } = new URL(target);
    this.#target = { host: hostname, port: Number(port) };
  }

  get url(): string {
    return `http://127.0.0.1:${this.#own}`;
  }

  get steps(): number {
    return this.#step;
  }

  arm(watch: Watch): void {
    this.#watch = watch;
    this.#step = 0;
    this.#delayMs = 0;
    this.internal = 0;
    this.last = null;
    this.lastAt = performance.now();
  }

  /** From now on each piece takes so long. */
  slowDown(ms: number): void {
    this.#delayMs = ms;
  }

  /** Takes connections, at the same port as before. */
  async listen(): Promise<void> {
    this.#server.listen(this.#own, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#own = (this.#server.address() as AddressInfo).port;
  }

  /** Refuses connections, as a machine does where no server listens. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
    await closed;
  }

  #serve(client: Socket): void {
    const server = connect({ ...this.#target, noDelay: true, allowHalfOpen: true });
    this.#open.add(client);
    client.once('close', () => this.#open.delete(client));
    let isCut = false;
    const cut = (reset: boolean): void => {
      isCut = true;
      drop(client, reset);
      drop(server, reset);
    };
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.once('close', () => other.destroySoon());
    }
    const passes = async (moment: Moment): Promise<boolean> => {
      this.last = moment;
      this.lastAt = performance.now();
      await this.#watch(moment, ++this.#step, cut);
      return !isCut;
    };
    const requests = async (): Promise<void> => {
      for await (const piece of client) {
        if (this.#delayMs > 0) await pause(this.#delayMs);
        if (!(await passes('request')) || !(await send(server, piece)) || !(await passes('sent'))) return;
      }
      server.end();
    };
    const answers = async (): Promise<void> => {
      for await (const piece of server as AsyncIterable<Buffer>) {
        if (piece.subarray(0, 12).toString('latin1') === 'HTTP/1.1 500') this.internal++;
        if (this.#delayMs > 0) await pause(this.#delayMs);
        const half = piece.length >> 1;
        if (!(await passes('answer')) || !(await send(client, piece.subarray(0, half)))) return;
        if (!(await passes('middle')) || !(await send(client, piece.subarray(half)))) return;
        if (!(await passes('answered'))) return;
      }
      client.end();
    };
    // A connection that breaks ends both.
    for (const way of [requests(), answers()]) way.catch(() => cut(false));
  }
}
