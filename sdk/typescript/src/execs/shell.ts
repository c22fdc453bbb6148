import { ConnectionFailed, OnMemOSError } from '../errors.ts';
import type { components } from '../generated/schema.ts';
import type { CallOptions } from '../options.ts';
import { path } from '../transport/path.ts';
import type { Transport } from '../transport/transport.ts';
import { type OpenSocket, openSocket } from '../transport/web-socket.ts';
import { EventQueue } from './event-queue.ts';

type ShellMessage = components['schemas']['ShellMessage'];
/** The result of a command that was run on a shell's socket. */
export type ShellResult = Omit<Extract<ShellMessage, { type: 'command_result' }>, 'type'>;

/** What a terminal's output ends with when its socket was closed normally. */
const CLOSED = Symbol('closed');

/**
 * A terminal over one WebSocket: going through it gives what it prints. It begins with the first input and is hung up
 * when the socket closes. A terminal that survives a cut is `session.start(['/bin/sh'], { tty: true })`.
 */
export class Shell implements AsyncIterable<string>, AsyncDisposable {
  readonly #socket: OpenSocket;
  readonly #output: EventQueue<string>;
  readonly #results: PromiseWithResolvers<ShellResult>[];

  private constructor(socket: OpenSocket, output: EventQueue<string>, results: PromiseWithResolvers<ShellResult>[]) {
    this.#socket = socket;
    this.#output = output;
    this.#results = results;
  }

  /** For {@link Session.shell}. @throws SessionNotFound, SessionNotRunning, ConnectionFailed */
  static async open(transport: Transport, session_id: string, options: CallOptions = {}): Promise<Shell> {
    const output = new EventQueue<string>();
    const results: PromiseWithResolvers<ShellResult>[] = [];
    const message = (data: string | Uint8Array): void => {
      if (typeof data !== 'string') return;
      const { type, ...rest } = JSON.parse(data) as ShellMessage;
      if (type === 'output') output.push((rest as { readonly data: string }).data);
      else if (type === 'command_result') results.shift()?.resolve(rest as ShellResult);
      else if (type === 'error') refuse(rest as { readonly detail: string; readonly code: string });
    };
    const refuse = ({ detail, code }: { readonly detail: string; readonly code: string }): void => {
      const error = new OnMemOSError({ code, message: detail });
      const waiting = results.shift();
      if (waiting) waiting.reject(error);
      else output.fail(error);
    };
    const closed = (error: OnMemOSError | null): void => {
      const gone = error ?? new ConnectionFailed(transport.settings.baseUrl, new Error('The shell was closed'));
      for (const { reject } of results.splice(0)) reject(gone);
      output.fail(error ?? CLOSED);
    };
    const target = { session_id, path: path`/v1/sessions/${session_id}/shell` };
    return new Shell(await openSocket(transport, target, { message, closed }, options), output, results);
  }

  /** Types into the terminal. */
  write(data: string): void {
    this.#socket.send(JSON.stringify({ type: 'input', data }));
  }

  /** Sets the terminal's size, in characters. */
  resize(cols: number, rows: number): void {
    this.#socket.send(JSON.stringify({ type: 'resize', cols, rows }));
  }

  /** Runs a command of its own beside the terminal; those of one shell run one after another. */
  command(command: string): Promise<ShellResult> {
    const result = Promise.withResolvers<ShellResult>();
    this.#results.push(result);
    this.#socket.send(JSON.stringify({ type: 'command', command }));
    return result.promise;
  }

  /** What the terminal prints, to its end. @throws ConnectionFailed where it was cut off */
  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    try {
      for (;;) yield await this.#output.next();
    } catch (error) {
      if (error !== CLOSED) throw error;
    }
  }

  /** Hangs the terminal up. */
  close(): void {
    this.#socket.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}
