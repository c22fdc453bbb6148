import { Conflict, Invalid } from '../errors.ts';
import type { OpenSocket } from '../transport/web-socket.ts';
import { encodeFrame, FRAME } from './frames.ts';

/** Why an input was not taken: its connection is gone, and it is to be sent another way. */
export const DETACHED = Symbol('detached');

/** No frame of input carries more, so that sizes come through between them. */
const MOST_INPUT_BYTES = 256 * 1024;

/** The way in to an attached command: it is there while a connection is. */
export class Link {
  #socket: OpenSocket | null = null;
  #size: { readonly cols: number; readonly rows: number } | null = null;
  #opening: Promise<void> | null = null;
  /** What was sent and is not answered yet, in its order. */
  readonly #sent: PromiseWithResolvers<void>[] = [];

  /** Whether it leads anywhere now. */
  get attached(): boolean {
    return this.#socket !== null;
  }

  /** Resolves when the command's side has taken it. @throws Conflict, Invalid, or DETACHED where the connection went before */
  async input(offset: number, bytes: Uint8Array, eof: boolean): Promise<void> {
    if (this.#socket === null) throw DETACHED;
    const answers: Promise<void>[] = [];
    for (let at = 0; at === 0 || at < bytes.length; at += MOST_INPUT_BYTES) {
      const piece = bytes.subarray(at, at + MOST_INPUT_BYTES);
      const last = at + piece.length >= bytes.length;
      const answer = Promise.withResolvers<void>();
      this.#sent.push(answer);
      answers.push(answer.promise);
      this.#socket.send(encodeFrame(FRAME.stdin, { offset: offset + at, eof: eof && last }, piece));
    }
    await Promise.all(answers);
  }

  /** Sets the terminal's size, at once or when the next connection is there. */
  resize(cols: number, rows: number): void {
    this.#size = { cols, rows };
    this.#socket?.send(encodeFrame(FRAME.resize, this.#size));
  }

  /** A connection is being made. @returns what says that it is there, or could not be made */
  opening(): () => void {
    const opening = Promise.withResolvers<void>();
    this.#opening = opening.promise;
    return () => {
      opening.resolve();
      if (this.#opening === opening.promise) this.#opening = null;
    };
  }

  /** Waits for the connection that carries a size, if one is being made: input that follows a size is to find it set. */
  async sized(): Promise<void> {
    if (this.#size !== null && this.#socket === null) await this.#opening;
  }

  /** A connection is there. */
  opened(socket: OpenSocket): void {
    this.#socket = socket;
    if (this.#size) socket.send(encodeFrame(FRAME.resize, this.#size));
  }

  /** The oldest input was taken. */
  accepted(): void {
    this.#sent.shift()?.resolve();
  }

  /** The oldest input was refused: its stdin takes no more, or, at a gap, not these bytes. */
  refused(message: string, gap = false): void {
    const error = gap
      ? new Invalid({ code: 'invalid', message, errors: [{ field: 'offset', message }] })
      : new Conflict({ code: 'conflict', message });
    this.#sent.shift()?.reject(error);
  }

  /** The command has ended: nothing that waits will be taken. */
  ended(): void {
    while (this.#sent.length > 0) this.refused('The command has ended.');
    this.#socket = null;
  }

  /** A connection is gone; nothing where another one is there by now. */
  cut(socket: OpenSocket): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    for (const { reject } of this.#sent.splice(0)) reject(DETACHED);
  }
}
