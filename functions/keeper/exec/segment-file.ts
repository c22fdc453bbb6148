import { open } from 'node:fs/promises';

const FIRST_BLOCK_BYTES = 64 * 1024;
const MAX_BLOCK_BYTES = 512 * 1024;
/** What the blocks of all readers together grow to at most; each has one in use and one ahead. */
const ALL_BLOCKS_BYTES = 64 * 1024 * 1024;
/** Blocks that are read at once, by all readers together: more would only wait for each other, each with a descriptor. */
const READ_AT_ONCE = 16;

interface Block {
  readonly start: number;
  readonly data: Buffer;
}

let readers = 0;
let reading = 0;
const waiting: (() => void)[] = [];

const oneOfFew = async <T>(read: () => Promise<T>): Promise<T> => {
  if (reading < READ_AT_ONCE) reading++;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await read();
  } finally {
    // Its place goes to the next one.
    const next = waiting.shift();
    if (next) next();
    else reading--;
  }
};

/**
 * Reads a segment's data forwards in blocks that grow, the next one while the present one is used. The file is open only
 * while a block is read: a reader that takes its time holds no descriptor.
 */
export class SegmentFile {
  readonly #path: string;
  /** Offset in the log of the file's first byte. */
  readonly #start: number;
  #block: Block | null = null;
  #ahead: { readonly start: number; readonly block: Promise<Block> } | null = null;
  #size = FIRST_BLOCK_BYTES;
  #closed = false;

  constructor(path: string, start: number) {
    readers++;
    this.#path = path;
    this.#start = start;
  }

  /** Makes sure that the byte at `position` can be taken. Bytes up to `end` are on disk. */
  async load(position: number, end: number): Promise<void> {
    if (this.take(position, position + 1)) return;
    const ahead = this.#ahead;
    this.#ahead = null;
    this.#block = await (ahead?.start === position ? ahead.block : this.#read(position, end));
    const next = this.#block.start + this.#block.data.byteLength;
    if (next >= end) return;
    const share = Math.max(FIRST_BLOCK_BYTES, Math.floor(ALL_BLOCKS_BYTES / 2 / readers));
    this.#size = Math.min(MAX_BLOCK_BYTES, this.#size * 2, share);
    const block = this.#read(next, end);
    block.catch(() => {});
    this.#ahead = { start: next, block };
  }

  /** The bytes from `position` to at most `end` that are loaded, or null where there are none. */
  take(position: number, end: number): Buffer | null {
    const block = this.#block;
    if (!block || position < block.start || position >= block.start + block.data.byteLength) return null;
    return block.data.subarray(position - block.start, end - block.start);
  }

  /** Resolves when nothing is read any more. */
  async close(): Promise<void> {
    if (!this.#closed) readers--;
    this.#closed = true;
    await this.#ahead?.block.catch(() => {});
  }

  #read(position: number, end: number): Promise<Block> {
    return oneOfFew(async () => {
      const file = await open(this.#path, 'r');
      try {
        const length = Math.min(this.#size, end - position);
        const data = Buffer.allocUnsafeSlow(length);
        const { bytesRead } = await file.read(data, 0, length, position - this.#start);
        if (bytesRead === 0) throw new Error(`the log ${this.#path} is shorter than its index says`);
        return { start: position, data: data.subarray(0, bytesRead) };
      } finally {
        await file.close();
      }
    });
  }
}
