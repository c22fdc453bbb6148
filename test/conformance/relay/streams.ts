import { once } from 'node:events';
import type { Duplex } from 'node:stream';

/** What a stream gave until its end, or until it broke. */
export interface Received {
  readonly bytes: Buffer;
  /** null: it ended as its writer wanted. */
  readonly error: Error | null;
}

export const readAll = async (stream: Duplex): Promise<Received> => {
  const parts: Buffer[] = [];
  try {
    for await (const part of stream.iterator({ destroyOnReturn: false })) parts.push(part as Buffer);
    return { bytes: Buffer.concat(parts), error: null };
  } catch (error) {
    return { bytes: Buffer.concat(parts), error: error as Error };
  }
};

/** Exactly so many bytes. @throws the stream's error, or one that says that it ended before */
export const readBytes = async (stream: Duplex, count: number): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for (let left = count; left > 0; ) {
    const part = stream.read(Math.min(left, Math.max(1, stream.readableLength))) as Buffer | null;
    if (part === null) {
      if (stream.errored) throw stream.errored;
      if (stream.readableEnded || stream.destroyed) throw new Error(`ended ${left} bytes before ${count}`);
      await Promise.race([once(stream, 'readable'), once(stream, 'end'), once(stream, 'close')]);
      continue;
    }
    parts.push(part);
    left -= part.length;
  }
  return Buffer.concat(parts);
};

/** Writes as a writer should: waits where `write` says so. @throws the stream's error */
export const writeHeeding = async (stream: Duplex, bytes: Uint8Array): Promise<void> => {
  if (stream.write(bytes)) return;
  await Promise.race([once(stream, 'drain'), once(stream, 'close')]);
  if (stream.destroyed) throw stream.errored ?? new Error('destroyed while it was written to');
};

/** Resolves, with the error if there was one, when the stream is over. */
export const closed = async (stream: Duplex): Promise<Error | null> => {
  if (!stream.closed) await new Promise<void>((resolve) => stream.once('close', resolve));
  return stream.errored;
};

/** Bytes that say where they are: what is lost, doubled or moved is seen. */
export const pattern = (length: number, salt: number): Buffer => {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at++) bytes[at] = (at * 31 + (at >> 8) * 7 + salt) & 0xff;
  return bytes;
};
