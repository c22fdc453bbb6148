import { hold, pauseForEnd } from '../ending/signals.ts';
import { ConnectionFailed, OnMemOSError } from '../errors.ts';
import type { components } from '../generated/schema.ts';
import type { CallOptions } from '../options.ts';
import { path } from '../transport/path.ts';
import type { Transport } from '../transport/transport.ts';
import { type OpenSocket, openSocket } from '../transport/web-socket.ts';
import { EventQueue } from './event-queue.ts';

type ShellMessage = components['schemas']['ShellMessage'];
/** The result of a command in a shell. */
export type ShellResult = Omit<Extract<ShellMessage, { type: 'command_result' }>, 'type'>;

/** What a terminal's output ends with when its socket was closed normally. */
const CLOSED = Symbol('closed');

/** What comes over a shell's socket, put where it is waited for. */
class Inbox {
  readonly output = new EventQueue<string>();
  readonly #results: PromiseWithResolvers<ShellResult>[] = [];
  readonly #over = Promise.withResolvers<void>();
  #gone: OnMemOSError | null = null;

  /** Resolves when the socket has closed. */
  get closed(): Promise<void> {
    return this.#over.promise;
  }

  /** The result of the next command; those of one socket come in their order. */
  result(): Promise<ShellResult> {
    if (this.#gone) return Promise.reject(this.#gone);
    const result = Promise.withResolvers<ShellResult>();
    this.#results.push(result);
    return result.promise;
  }

  take(message: ShellMessage): void {
    if (message.type === 'output') this.output.push(message.data);
    else if (message.type === 'command_result') {
      const { type: _, ...result } = message;
      this.#results.shift()?.resolve(result);
    } else if (message.type === 'error') this.#refuse(message.code, message.detail);
  }

  /** The socket has closed: for another reason than a side's own wish where there is an error. */
  close(url: string, error: OnMemOSError | null): void {
    const gone = error ?? new ConnectionFailed(url, new Error('The shell was closed'));
    this.#gone = gone;
    this.#over.resolve();
    for (const { reject } of this.#results.splice(0)) reject(gone);
    this.output.fail(error ?? CLOSED);
  }

  #refuse(code: string, message: string): void {
    const error = new OnMemOSError({ code, message });
    const waiting = this.#results.shift();
    if (waiting) waiting.reject(error);
    else this.output.fail(error);
  }
}

/**
 * A terminal over one WebSocket. Iterating returns what it shows. It starts at the first input; closing the socket
 * sends
 * SIGHUP to it. For a terminal that survives a broken connection, use `session.start(['/bin/sh'], { tty: true })`.
 */
export class Shell implements AsyncIterable<string>, AsyncDisposable {
  readonly #socket: OpenSocket;
  readonly #inbox: Inbox;

  private constructor(socket: OpenSocket, inbox: Inbox) {
    this.#socket = socket;
    this.#inbox = inbox;
  }

  /** For {@link Session.shell}. @throws SessionNotFound, SessionNotRunning, ConnectionFailed */
  static async open(transport: Transport, session_id: string, options: CallOptions = {}): Promise<Shell> {
    const inbox = new Inbox();
    const handler = {
      message: (data: string | Uint8Array): void => {
        if (typeof data === 'string') inbox.take(JSON.parse(data) as ShellMessage);
      },
      closed: (error: OnMemOSError | null): void => inbox.close(transport.settings.baseUrl, error),
    };
    const target = { session_id, path: path`/v1/sessions/${session_id}/shell` };
    return new Shell(await openSocket(transport, target, handler, options), inbox);
  }

  /** Types into the terminal. Does nothing if it is closed. */
  write(data: string): void {
    this.#socket.send(JSON.stringify({ type: 'input', data }));
  }

  /** Sets the size of the terminal, in characters (1 to 1000). */
  resize(cols: number, rows: number): void {
    this.#socket.send(JSON.stringify({ type: 'resize', cols, rows }));
  }

  /**
   * Runs a command beside the terminal, for at most 50 minutes. Commands of one shell run one after another.
   * @throws ConnectionFailed if the shell is closed before the answer; it is then not known whether the command ran
   */
  async command(command: string): Promise<ShellResult> {
    const result = this.#inbox.result();
    // The close is on its way once the other side has closed too.
    const release = hold(() => {
      this.close();
      return this.#inbox.closed;
    });
    this.#socket.send(JSON.stringify({ type: 'command', command }));
    return result.finally(release).finally(pauseForEnd);
  }

  /** What the terminal shows, until it ends. @throws ConnectionFailed if the connection broke */
  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    try {
      for (;;) {
        const text = await this.#inbox.output.next();
        await pauseForEnd();
        yield text;
      }
    } catch (error) {
      await pauseForEnd();
      if (error !== CLOSED) throw error;
    }
  }

  /** Closes the terminal, which sends SIGHUP to the shell. */
  close(): void {
    this.#socket.close();
  }

  /** Closes the terminal with its block. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}
