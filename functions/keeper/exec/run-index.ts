/** The two streams of a log. */
export type StreamNumber = 0 | 1;

/**
 * Which bytes of a segment came from which stream. Runs of the two streams alternate, so it is enough to keep the
 * first stream and the lengths, as variable-length integers: one byte of index for one byte of data at the worst.
 */
export class RunIndex {
  readonly first: StreamNumber;
  #bytes: Uint8Array;
  #used = 0;
  #current: StreamNumber;
  #open = 0;

  constructor(first: StreamNumber) {
    this.first = first;
    this.#current = first;
    this.#bytes = new Uint8Array(16);
  }

  /** Bytes that the closed runs take in the index. */
  get size(): number {
    return this.#used;
  }

  add(stream: StreamNumber, length: number): void {
    if (stream !== this.#current) {
      this.#push(this.#open);
      this.#current = stream;
      this.#open = 0;
    }
    this.#open += length;
  }

  /** The closed runs as they are kept on disk; the last run reaches to the segment's end and is not among them. */
  encoded(): Uint8Array {
    return this.#bytes.subarray(0, this.#used);
  }

  #push(length: number): void {
    if (this.#used + 5 > this.#bytes.byteLength) {
      const larger = new Uint8Array(this.#bytes.byteLength * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    let left = length;
    while (left >= 0x80) {
      this.#bytes[this.#used++] = (left & 0x7f) | 0x80;
      left >>>= 7;
    }
    this.#bytes[this.#used++] = left;
  }
}

/** Walks the runs of one segment forwards. Offsets are relative to the segment's start. */
export class RunCursor {
  #at = 0;
  #stream: StreamNumber;
  #end: number | null = null;
  /** Where the run at the cursor starts. */
  #start = 0;

  constructor(first: StreamNumber) {
    this.#stream = first;
  }

  /**
   * The run that holds `offset`, which never goes back between calls. `end` is null where the run is the last so far.
   * `encoded` may have grown since the last call.
   */
  seek(encoded: Uint8Array, offset: number): { readonly stream: StreamNumber; readonly end: number | null } {
    for (;;) {
      if (this.#end === null && this.#at < encoded.byteLength) this.#end = this.#start + this.#length(encoded);
      if (this.#end === null || offset < this.#end) return { stream: this.#stream, end: this.#end };
      this.#start = this.#end;
      this.#end = null;
      this.#stream = this.#stream === 0 ? 1 : 0;
    }
  }

  #length(encoded: Uint8Array): number {
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = encoded[this.#at++] ?? 0;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) return length;
    }
  }
}
