export const FRAME = {
  hello: 1,
  call: 2,
  ok: 3,
  error: 4,
  cancel: 5,
  credit: 6,
  chunk: 7,
  gap: 8,
  exit: 9,
  stdin: 10,
  signal: 11,
  resize: 12,
  accepted: 13,
} as const;

export type FrameType = (typeof FRAME)[keyof typeof FRAME];
export type Header = Readonly<Record<string, unknown>>;

export interface Frame {
  readonly type: FrameType;
  readonly header: Header;
  /** The raw bytes in the pieces in which they arrived: most large frames span several reads. */
  readonly data: readonly Buffer[];
  /** Bytes of the whole frame. */
  readonly size: number;
  /** The number of raw bytes. */
  readonly bytes: number;
}

/** The peer does not speak this protocol, so the connection must close. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

const KNOWN = new Set<number>(Object.values(FRAME));

export const isFrameType = (type: number): type is FrameType => KNOWN.has(type);
