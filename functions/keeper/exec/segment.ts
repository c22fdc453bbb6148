import { type FileHandle, open, readFile, rm, writeFile } from 'node:fs/promises';
import { RunIndex, type RunStart, type StreamNumber } from './run-index.ts';

/** Indexes up to this size stay in memory; larger ones of finished segments go to a file beside the data. */
const INLINE_INDEX_BYTES = 256;

/** A part of a log: a file of pure bytes, and which of them came from which stream at which time. */
export class Segment {
  readonly path: string;
  /** Offset in the log of the segment's first byte. */
  readonly start: number;
  /** Stream and time of the segment's first byte. */
  readonly runs: RunStart;
  /** No byte is added any more. */
  sealed = false;
  /** The data is not worth writing or reading any more. */
  dropped = false;
  #end: number;
  /** While the segment is written. */
  #written: RunIndex | null;
  /** Afterwards: null if the index is in the file beside the data. */
  #index: Uint8Array | null = null;
  #writer: FileHandle | null = null;

  constructor(path: string, start: number, runs: RunStart) {
    this.path = path;
    this.start = start;
    this.runs = runs;
    this.#end = start;
    this.#written = new RunIndex(runs);
  }

  get end(): number {
    return this.#end;
  }

  get bytes(): number {
    return this.#end - this.start;
  }

  get indexBytes(): number {
    return this.#written?.size ?? 0;
  }

  add(stream: StreamNumber, length: number, time: number): void {
    this.#written?.add(stream, length, time);
    this.#end += length;
  }

  async write(buffers: readonly Buffer[], at: number): Promise<void> {
    this.#writer ??= await open(this.path, 'w', 0o600);
    let position = at - this.start;
    let rest = buffers;
    while (rest.length > 0) {
      const { bytesWritten } = await this.#writer.writev(rest, position);
      position += bytesWritten;
      rest = after(rest, bytesWritten);
    }
  }

  /** After the last byte was written: puts a large index aside and closes the file. */
  async finish(): Promise<void> {
    const encoded = this.#written?.encoded() ?? new Uint8Array(0);
    if (encoded.byteLength > INLINE_INDEX_BYTES) await writeFile(this.#sidecar, encoded, { mode: 0o600 });
    else this.#index = encoded.slice();
    this.#written = null;
    await this.close();
  }

  /** The closed runs as they are now; null if they have to be loaded from the file. */
  index(): Uint8Array | null {
    return this.#written?.encoded() ?? this.#index;
  }

  loadIndex(): Promise<Uint8Array> {
    return readFile(this.#sidecar);
  }

  async close(): Promise<void> {
    const writer = this.#writer;
    this.#writer = null;
    await writer?.close();
  }

  async remove(): Promise<void> {
    this.dropped = true;
    await this.close();
    await Promise.all([rm(this.path, { force: true }), rm(this.#sidecar, { force: true })]);
  }

  get #sidecar(): string {
    return `${this.path}.runs`;
  }
}

const after = (buffers: readonly Buffer[], written: number): Buffer[] => {
  let left = written;
  const rest: Buffer[] = [];
  for (const buffer of buffers) {
    if (left >= buffer.byteLength) left -= buffer.byteLength;
    else {
      rest.push(left === 0 ? buffer : buffer.subarray(left));
      left = 0;
    }
  }
  return rest;
};
