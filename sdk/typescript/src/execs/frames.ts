/** The frames of docs/protocol.md that an attached stream carries. */
export const FRAME = {
  hello: 1,
  error: 4,
  credit: 6,
  chunk: 7,
  gap: 8,
  exit: 9,
  stdin: 10,
  signal: 11,
  resize: 12,
  accepted: 13,
} as const;

export const PROTOCOL_VERSION = 1;

const PREFIX_BYTES = 9;
const MOST_BYTES = 1024 * 1024;
const LAST_TYPE = 13;

export interface Frame {
  readonly type: number;
  readonly header: Readonly<Record<string, unknown>>;
  readonly data: Uint8Array;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** A frame as bytes: length, type, header length, header, raw bytes. */
export const encodeFrame = (type: number, header: object, data: Uint8Array = new Uint8Array(0)): Uint8Array => {
  const json = encoder.encode(JSON.stringify(header));
  const bytes = new Uint8Array(PREFIX_BYTES + json.length + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length - 4);
  view.setUint8(4, type);
  view.setUint32(5, json.length);
  bytes.set(json, PREFIX_BYTES);
  bytes.set(data, PREFIX_BYTES + json.length);
  return bytes;
};

/** Takes bytes however they were cut and gives the frames that are whole. @throws Error where it is no such stream */
export const frameDecoder = (): ((bytes: Uint8Array) => Frame[]) => {
  let parts: Uint8Array[] = [];
  let size = 0;
  let wanted = PREFIX_BYTES;

  return (bytes) => {
    parts.push(bytes);
    size += bytes.length;
    const frames: Frame[] = [];
    // Joined only once there is enough, so that a frame of many pieces is copied once.
    while (size >= wanted) {
      const all = joined(parts, size);
      parts = [all];
      const length = checkedLength(all);
      if (size < length) {
        wanted = length;
        return frames;
      }
      const frame = readFrame(all.subarray(0, length));
      if (frame) frames.push(frame);
      parts = [all.subarray(length)];
      size -= length;
      wanted = PREFIX_BYTES;
    }
    return frames;
  };
};

const joined = (parts: readonly Uint8Array[], size: number): Uint8Array => {
  if (parts.length === 1 && parts[0]) return parts[0];
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** How long the frame is in all, from its prefix. */
const checkedLength = (bytes: Uint8Array): number => {
  const view = viewOf(bytes);
  const header = view.getUint32(5);
  const data = view.getUint32(0) - 5 - header;
  if (header > MOST_BYTES || data < 0 || data > MOST_BYTES) throw new Error('A frame is out of its bounds');
  return PREFIX_BYTES + header + data;
};

/** One whole frame; null where its type is not known here. */
const readFrame = (bytes: Uint8Array): Frame | null => {
  const view = viewOf(bytes);
  const type = view.getUint8(4);
  if (type < FRAME.hello || type > LAST_TYPE) return null;
  const dataAt = PREFIX_BYTES + view.getUint32(5);
  const header: unknown = JSON.parse(decoder.decode(bytes.subarray(PREFIX_BYTES, dataAt)));
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new Error('A frame’s header is not an object');
  }
  return { type, header: header as Frame['header'], data: bytes.subarray(dataAt) };
};
