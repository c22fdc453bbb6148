/** The frames of an attached command, written from the protocol's description: length, type, header, raw bytes. */

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

export interface Frame {
  readonly type: number;
  readonly header: Readonly<Record<string, unknown>>;
  readonly data: Buffer;
}

export const encode = (type: number, header: object, data: Uint8Array = Buffer.alloc(0)): Buffer => {
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(9);
  prefix.writeUInt32BE(5 + json.length + data.length, 0);
  prefix.writeUInt8(type, 4);
  prefix.writeUInt32BE(json.length, 5);
  return Buffer.concat([prefix, json, data]);
};

/** Accepts bytes in pieces of any size and returns the complete frames. */
export const decoder = (): ((bytes: Buffer) => Frame[]) => {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    const frames: Frame[] = [];
    while (rest.length >= 9) {
      const length = rest.readUInt32BE(0) + 4;
      if (rest.length < length) break;
      const dataAt = 9 + rest.readUInt32BE(5);
      frames.push({
        type: rest.readUInt8(4),
        header: JSON.parse(rest.subarray(9, dataAt).toString()),
        data: Buffer.from(rest.subarray(dataAt, length)),
      });
      rest = rest.subarray(length);
    }
    return frames;
  };
};
