import { OUTPUT_TIME_MS } from '#platform/protocol/bounds.ts';

/** The two streams of a log. */
export type StreamNumber = 0 | 1;

/** A closed run takes no more than this in the index: 5 bytes for its length, 8 for a time of up to 2^53. */
export const MAX_RUN_BYTES = 13;

/** Bits of a closed run below its length: the next run is of the same stream; the next run begins later. */
const SAME_STREAM = 1;
const LATER = 2;
const BITS = 4;

/** Where a segment's runs begin: the stream of its first byte, and when that was read. */
export interface RunStart {
  readonly stream: StreamNumber;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/**
 * Which bytes of a segment came from which stream, and when they were read. A run is a stretch of bytes of one stream
 * that were read within OUTPUT_TIME_MS; its time is that of its first byte. Each closed run is kept as a variable-length
 * integer: its length and two bits on the run that follows. Where that begins later, the milliseconds between the two
 * begins follow as another integer. Runs of single bytes that were read at once take a byte each.
 */
export class RunIndex {
  readonly start: RunStart;
  #bytes: Uint8Array;
  #used = 0;
  #stream: StreamNumber;
  #time: number;
  #open = 0;

  constructor(start: RunStart) {
    this.start = start;
    this.#stream = start.stream;
    this.#time = start.time;
    this.#bytes = new Uint8Array(16);
  }

  /** Bytes that the closed runs take in the index. */
  get size(): number {
    return this.#used;
  }

  /** @param time when these bytes were read; never before the time of an earlier call */
  add(stream: StreamNumber, length: number, time: number): void {
    if (stream !== this.#stream || time - this.#time > OUTPUT_TIME_MS) {
      this.#close(stream === this.#stream, time - this.#time);
      this.#stream = stream;
      this.#time = time;
      this.#open = 0;
    }
    this.#open += length;
  }

  /** The closed runs as they are kept on disk; the last run reaches to the segment's end and is not among them. */
  encoded(): Uint8Array {
    return this.#bytes.subarray(0, this.#used);
  }

  #close(same: boolean, later: number): void {
    if (this.#used + MAX_RUN_BYTES > this.#bytes.byteLength) {
      const larger = new Uint8Array(this.#bytes.byteLength * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#push(this.#open * BITS + (same ? SAME_STREAM : 0) + (later > 0 ? LATER : 0));
    if (later > 0) this.#push(later);
  }

  /** Sums and quotients, because a shift would cut off a time above 32 bits. */
  #push(value: number): void {
    let left = value;
    for (; left >= 0x80; left = Math.floor(left / 0x80)) this.#bytes[this.#used++] = (left % 0x80) | 0x80;
    this.#bytes[this.#used++] = left;
  }
}

export interface Run extends RunStart {
  /** null where the run is the last so far. */
  readonly end: number | null;
}

/** Walks the runs of one segment forwards. Offsets are relative to the segment's start. */
export class RunCursor {
  #at = 0;
  #stream: StreamNumber;
  #time: number;
  /** Where the run at the cursor starts. */
  #start = 0;
  #end: number | null = null;
  /** What the index says of the run behind the one at the cursor. */
  #next: RunStart;

  constructor(start: RunStart) {
    this.#stream = start.stream;
    this.#time = start.time;
    this.#next = start;
  }

  /** The run that holds `offset`, which never goes back between calls. `encoded` may have grown since the last call. */
  seek(encoded: Uint8Array, offset: number): Run {
    for (;;) {
      if (this.#end === null && this.#at < encoded.byteLength) this.#read(encoded);
      if (this.#end === null || offset < this.#end) return { stream: this.#stream, time: this.#time, end: this.#end };
      this.#start = this.#end;
      this.#end = null;
      this.#stream = this.#next.stream;
      this.#time = this.#next.time;
    }
  }

  #read(encoded: Uint8Array): void {
    const head = this.#take(encoded);
    const other = this.#stream === 0 ? 1 : 0;
    const later = head & LATER ? this.#take(encoded) : 0;
    this.#end = this.#start + Math.floor(head / BITS);
    this.#next = { stream: head & SAME_STREAM ? this.#stream : other, time: this.#time + later };
  }

  #take(encoded: Uint8Array): number {
    let value = 0;
    for (let unit = 1; ; unit *= 0x80) {
      const byte = encoded[this.#at++] ?? 0;
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
    }
  }
}

/** Where the first run begins that is not before `time`; null where all are before it. */
export const beginOf = (time: number, encoded: Uint8Array, start: RunStart): number | null => {
  const cursor = new RunCursor(start);
  for (let at = 0; ; ) {
    const run = cursor.seek(encoded, at);
    if (run.time >= time) return at;
    if (run.end === null) return null;
    at = run.end;
  }
};
