interface Piece {
  readonly start: number;
  readonly buffer: Buffer;
  /** Bytes of the buffer in use; a block of joined small pieces grows up to its capacity. */
  used: number;
}

/** Pieces smaller than this are joined: an object per byte would cost far more than the byte. */
const SMALL_BYTES = 4096;
const BLOCK_BYTES = 16 * 1024;

/** The newest bytes of a log, contiguous, in memory: what is not on disk yet and what followers are about to read. */
export class Tail {
  #pieces: Piece[] = [];
  #head = 0;
  #start = 0;
  #end = 0;

  /** The oldest offset held. */
  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#end;
  }

  append(data: Buffer): void {
    const last = this.#pieces.at(-1);
    const joins = data.byteLength < SMALL_BYTES && last !== undefined && this.#head < this.#pieces.length;
    if (joins && last.used + data.byteLength <= last.buffer.byteLength && last.buffer.byteLength === BLOCK_BYTES) {
      data.copy(last.buffer, last.used);
      last.used += data.byteLength;
    } else if (joins && last.used < SMALL_BYTES) {
      const buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES);
      data.copy(buffer, 0);
      this.#pieces.push({ start: this.#end, buffer, used: data.byteLength });
    } else {
      this.#pieces.push({ start: this.#end, buffer: data, used: data.byteLength });
    }
    this.#end += data.byteLength;
  }

  /** The bytes from `offset` on, as far as one piece and `limit` reach. `offset` lies within the tail. */
  slice(offset: number, limit: number): Buffer {
    const piece = this.#pieces[this.#find(offset)];
    if (!piece) return Buffer.alloc(0);
    const from = offset - piece.start;
    return piece.buffer.subarray(from, Math.min(piece.used, from + limit));
  }

  /** All pieces from `offset` to `end`, at most `count`. */
  slices(offset: number, end: number, count: number): Buffer[] {
    const found: Buffer[] = [];
    for (let at = offset; at < end && found.length < count; ) {
      const next = this.slice(at, end - at);
      if (next.byteLength === 0) break;
      found.push(next);
      at += next.byteLength;
    }
    return found;
  }

  /** Lets go of whole pieces that end at or before `offset`. */
  release(offset: number): void {
    for (;;) {
      const piece = this.#pieces[this.#head];
      if (!piece || piece.start + piece.used > offset) break;
      this.#head++;
      this.#start = piece.start + piece.used;
    }
    if (this.#head === this.#pieces.length || this.#head > 256) {
      this.#pieces = this.#pieces.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Index of the piece that holds `offset`, by bisection. */
  #find(offset: number): number {
    let low = this.#head;
    let high = this.#pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#pieces[middle]?.start ?? Number.POSITIVE_INFINITY) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
