import { MAX_DATA_BYTES, MAX_HEADER_BYTES, PREFIX_BYTES } from './bounds.ts';
import { type Frame, type Header, isFrameType, ProtocolError } from './frames.ts';

interface Open {
  readonly type: number;
  readonly header: Header | null;
  readonly size: number;
  readonly bytes: number;
  readonly data: Buffer[];
  missing: number;
}

/**
 * Reads frames from a byte stream that arrives in pieces of any size. Raw bytes are slices of those pieces. The largest
 * frame bounds the memory. Frames of an unknown type are skipped.
 */
export class FrameDecoder {
  /** The bytes of an incomplete prefix or header, and how many are needed to decode it. */
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #needed = PREFIX_BYTES;
  #open: Open | null = null;

  /** The frames that `bytes` completes. @throws ProtocolError, after which nothing can be decoded */
  push(bytes: Buffer): Frame[] {
    const frames: Frame[] = [];
    let rest: Buffer = bytes;
    for (;;) {
      if (!this.#open) {
        const after = this.#begin(rest);
        if (!after) return frames;
        rest = after;
      }
      const open = this.#open;
      if (!open) return frames;
      const taken = Math.min(open.missing, rest.byteLength);
      if (taken > 0 && open.header) open.data.push(rest.subarray(0, taken));
      open.missing -= taken;
      rest = rest.subarray(taken);
      if (open.missing > 0) return frames;
      this.#open = null;
      if (open.header && isFrameType(open.type)) {
        frames.push({ type: open.type, header: open.header, data: open.data, size: open.size, bytes: open.bytes });
      }
    }
  }

  /** Decodes the next header. @returns the bytes after it, or null if more bytes are needed */
  #begin(rest: Buffer): Buffer | null {
    if (this.#keptBytes + rest.byteLength < this.#needed) return this.#keep(rest);
    const bytes = this.#keptBytes === 0 ? rest : Buffer.concat([...this.#kept, rest]);
    this.#kept = [];
    this.#keptBytes = 0;
    const length = bytes.readUInt32BE(0);
    const type = bytes.readUInt8(4);
    const headerBytes = bytes.readUInt32BE(5);
    const dataBytes = length - (PREFIX_BYTES - 4) - headerBytes;
    if (headerBytes > MAX_HEADER_BYTES || dataBytes < 0 || dataBytes > MAX_DATA_BYTES) {
      throw new ProtocolError(`a frame of ${length} bytes with a header of ${headerBytes} is out of bounds`);
    }
    this.#needed = PREFIX_BYTES + headerBytes;
    if (bytes.byteLength < this.#needed) return this.#keep(bytes);
    const header = isFrameType(type) ? parseHeader(bytes.subarray(PREFIX_BYTES, this.#needed)) : null;
    const after = bytes.subarray(this.#needed);
    this.#needed = PREFIX_BYTES;
    this.#open = { type, header, size: length + 4, bytes: dataBytes, data: [], missing: dataBytes };
    return after;
  }

  #keep(rest: Buffer): null {
    if (rest.byteLength > 0) {
      this.#kept.push(rest);
      this.#keptBytes += rest.byteLength;
    }
    return null;
  }
}

const parseHeader = (bytes: Buffer): Header => {
  let header: unknown;
  try {
    header = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new ProtocolError('a header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new ProtocolError('a header is not a JSON object');
  }
  return header as Header;
};
