import { Conflict, type OnMemOSError } from '../errors.ts';
import type { OpenSocket } from '../transport/web-socket.ts';
import { encodeFrame, FRAME } from './frames.ts';

/** Where an input stays that its connection did not take: it is to be sent another way. */
export const DETACHED = Symbol('detached');

/** No frame of input carries more, so that signals and sizes come through between them. */
const MOST_INPUT_BYTES = 256 * 1024;

interface Input {
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly eof: boolean;
  readonly taken: PromiseWithResolvers<void>;
}

/** The way in to an attached command: it is there while somebody reads, over one connection after another. */
export class Link {
  #attached = false;
  #socket: OpenSocket | null = null;
  #size: { readonly cols: number; readonly rows: number } | null = null;
  /** In the order of their offsets; those that were not accepted are sent again on the next connection. */
  #inputs: Input[] = [];

  /** Whether somebody reads: only then it leads anywhere. */
  get attached(): boolean {
    return this.#attached;
  }

  /** Resolves when the command's side has taken it. @throws Conflict, or DETACHED where the reading ended before */
  async input(offset: number, bytes: Uint8Array, eof: boolean): Promise<void> {
    const pieces: Input[] = [];
    for (let at = 0; at === 0 || at < bytes.length; at += MOST_INPUT_BYTES) {
      const piece = bytes.subarray(at, at + MOST_INPUT_BYTES);
      const last = at + piece.length >= bytes.length;
      pieces.push({ offset: offset + at, bytes: piece, eof: eof && last, taken: Promise.withResolvers() });
    }
    this.#inputs.push(...pieces);
    for (const piece of pieces) this.#send(piece);
    await Promise.all(pieces.map(({ taken }) => taken.promise));
  }

  /** Sets the terminal's size, at once or when the next reader attaches. */
  resize(cols: number, rows: number): void {
    this.#size = { cols, rows };
    this.#socket?.send(encodeFrame(FRAME.resize, this.#size));
  }

  /** A reader begins. */
  begin(): void {
    this.#attached = true;
  }

  /** A connection is there: what is due is sent. */
  opened(socket: OpenSocket): void {
    this.#socket = socket;
    if (this.#size) socket.send(encodeFrame(FRAME.resize, this.#size));
    for (const input of this.#inputs) this.#send(input);
  }

  /** The oldest input was taken. */
  accepted(): void {
    this.#inputs.shift()?.taken.resolve();
  }

  /** The oldest input was refused. */
  refused(message: string): void {
    this.#inputs.shift()?.taken.reject(new Conflict({ code: 'conflict', status: null, message }));
  }

  /** The connection is gone. */
  cut(): void {
    this.#socket = null;
  }

  /** The reading is over, by the command's end or for another reason. */
  end(reason: OnMemOSError | typeof DETACHED): void {
    this.#attached = false;
    this.#socket = null;
    for (const { taken } of this.#inputs.splice(0)) taken.reject(reason);
  }

  #send({ offset, bytes, eof }: Input): void {
    this.#socket?.send(encodeFrame(FRAME.stdin, { offset, eof }, bytes));
  }
}
