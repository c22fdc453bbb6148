import { MAX_DATA_BYTES, MAX_HEADER_BYTES, PREFIX_BYTES } from './bounds.ts';
import { type FrameType, type Header, ProtocolError } from './frames.ts';

/**
 * The part of a frame before its raw bytes. The caller writes `dataBytes` bytes directly after it, without a copy.
 * @throws ProtocolError if header or data exceed their bounds
 */
export const encodeHead = (type: FrameType, header: Header, dataBytes: number): Buffer => {
  const json = JSON.stringify(header);
  const headerBytes = Buffer.byteLength(json);
  if (headerBytes > MAX_HEADER_BYTES) throw new ProtocolError(`a header of ${headerBytes} bytes is too large`);
  if (dataBytes > MAX_DATA_BYTES) throw new ProtocolError(`${dataBytes} bytes are too much for one frame`);
  const head = Buffer.allocUnsafe(PREFIX_BYTES + headerBytes);
  head.writeUInt32BE(PREFIX_BYTES - 4 + headerBytes + dataBytes, 0);
  head.writeUInt8(type, 4);
  head.writeUInt32BE(headerBytes, 5);
  head.write(json, PREFIX_BYTES, 'utf8');
  return head;
};

/** A complete frame in one buffer. */
export const encodeFrame = (type: FrameType, header: Header, data?: Uint8Array): Buffer => {
  const head = encodeHead(type, header, data?.byteLength ?? 0);
  return data ? Buffer.concat([head, data]) : head;
};
