import type { Socket } from 'node:net';

const FULL_BYTES = 1024 * 1024;

/** What a socket has received and nobody has taken yet. The peer is held up where that grows. */
export class Inbox {
  readonly #socket: Socket;
  readonly #pieces: Buffer[] = [];
  #bytes = 0;
  #ended = false;
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (piece: Buffer) => {
      this.#put(piece, 'push');
      this.#wake();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    socket.once('end', end);
    socket.once('close', end);
  }

  /** What is there, or comes next; null once the peer has ended. One taker at a time. */
  async take(): Promise<Buffer | null> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        this.#bytes -= piece.byteLength;
        if (this.#bytes < FULL_BYTES) this.#socket.resume();
        return piece;
      }
      if (this.#ended) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Gives back what was taken too much. */
  giveBack(piece: Buffer): void {
    if (piece.byteLength > 0) this.#put(piece, 'unshift');
  }

  #put(piece: Buffer, how: 'push' | 'unshift'): void {
    this.#pieces[how](piece);
    this.#bytes += piece.byteLength;
    if (this.#bytes >= FULL_BYTES) this.#socket.pause();
  }
}

/** Writes, and waits until the peer can take more. False where the socket has gone. */
export const send = async (socket: Socket, bytes: Buffer): Promise<boolean> => {
  if (socket.destroyed || !socket.writable) return false;
  if (bytes.byteLength === 0) return true;
  return new Promise((resolve) => {
    const gone = (): void => resolve(false);
    socket.once('close', gone);
    socket.write(bytes, (error) => {
      socket.off('close', gone);
      resolve(!error);
    });
  });
};

/** Ends a connection from this side, by RST or, after what was written, by FIN. */
export const drop = (socket: Socket, reset: boolean): void => {
  if (reset) {
    socket.resetAndDestroy();
    return;
  }
  socket.end();
  socket.destroySoon();
};

/** A socket with what came over it. */
export interface Peer {
  readonly socket: Socket;
  readonly inbox: Inbox;
}
