import { Duplex } from 'node:stream';
import { ConnectionLost } from '#ports/relay.ts';

/** The share of the window that waits at the writer. The rest waits at the reader. */
const WRITER_BYTES = 64 * 1024;

interface Writing {
  rest: Buffer;
  readonly done: (error?: Error | null) => void;
}

/** One end of a connection. The other end reads what is written here, and buffers no more than its window. */
class End extends Duplex {
  #other: End | null = null;
  #writing: Writing | null = null;
  /** The reason if the connection was lost; then the other end already knows. */
  #lost: Error | null = null;

  constructor(window_bytes: number) {
    const writer = Math.min(WRITER_BYTES, Math.floor(window_bytes / 2));
    super({ readableHighWaterMark: window_bytes - writer, writableHighWaterMark: writer });
    // Without a listener for the error a lost connection would end the process. `errored` keeps the reason.
    this.on('error', () => {});
  }

  join(other: End): void {
    this.#other = other;
  }

  /** The connection broke for a reason outside both ends. */
  lose(error: Error): void {
    this.#lost = error;
    this.destroy(error);
  }

  override _write(bytes: Buffer, _encoding: string, done: Writing['done']): void {
    this.#writing = { rest: bytes, done };
    this.send();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#other?.push(null);
    done();
  }

  override _read(): void {
    // Runs one turn later, because this is called before the bytes being read have left the buffer.
    process.nextTick(() => this.#other?.send());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const whole = this.writableFinished && this.readableEnded;
    if (!whole && this.#lost === null) this.#other?.lose(new ConnectionLost('the other end of the connection is gone'));
    done(error);
    // Called after that, so that the writer's error does not become the reason.
    this.#writing?.done(error ?? new ConnectionLost('the connection was destroyed before this was taken'));
    this.#writing = null;
  }

  /** Gives the other end as many bytes as it has room for. The writer gets its answer when its whole chunk is there. */
  send(): void {
    const other = this.#other;
    const writing = this.#writing;
    if (other === null || writing === null || other.destroyed) return;
    let room = other.readableHighWaterMark - other.readableLength;
    while (writing.rest.length > 0 && room > 0) {
      // Copies the bytes, because the writer may use its buffer again.
      other.push(Buffer.from(writing.rest.subarray(0, room)));
      writing.rest = writing.rest.subarray(room);
      room = other.readableHighWaterMark - other.readableLength;
    }
    if (writing.rest.length > 0) return;
    this.#writing = null;
    writing.done();
  }
}

export interface Pair {
  readonly near: Duplex;
  readonly far: Duplex;
  /** Destroys both ends. */
  lose(error: Error): void;
}

/** The two ends of a connection in one process. */
export const connectionPair = (window_bytes: number): Pair => {
  const [near, far] = [new End(window_bytes), new End(window_bytes)];
  near.join(far);
  far.join(near);
  return {
    near,
    far,
    lose: (error) => {
      near.lose(error);
      far.lose(error);
    },
  };
};
