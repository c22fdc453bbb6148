const HEAD_END = Buffer.from('\r\n\r\n');
const LONGEST_HEAD = 64 * 1024;

/** What the first lines of an HTTP/1.1 message say. */
export interface Head {
  /** `GET /path HTTP/1.1` or `HTTP/1.1 200 OK`. */
  readonly start: string;
  /** By lower-case name; what comes twice is joined. */
  readonly headers: ReadonlyMap<string, string>;
  /** Bytes, with the empty line. */
  readonly bytes: number;
}

/** The head at the beginning of these bytes, or null where it is not all there. @throws Error where it is too long */
export const headOf = (bytes: Buffer): Head | null => {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) {
    if (bytes.byteLength > LONGEST_HEAD) throw new Error('the head of a message does not end');
    return null;
  }
  const [start = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { start, headers, bytes: end + HEAD_END.byteLength };
};

export const statusOf = (head: Head): number => Number(head.start.split(' ')[1]);

/** How the end of a body is known. */
export type Framing =
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until-close' }
  /** What follows is no HTTP. */
  | { readonly kind: 'tunnel' };

const announced = ({ headers }: Head): Framing | null => {
  if (headers.get('transfer-encoding')?.toLowerCase().includes('chunked')) return { kind: 'chunked' };
  const length = headers.get('content-length');
  return length === undefined ? null : { kind: 'length', bytes: Number(length) };
};

const EMPTY: Framing = { kind: 'length', bytes: 0 };

export const requestFraming = (head: Head): Framing => announced(head) ?? EMPTY;

export const answerFraming = (head: Head, method: string): Framing => {
  const status = statusOf(head);
  if (status === 101) return { kind: 'tunnel' };
  if (method === 'HEAD' || status === 204 || status === 304) return EMPTY;
  return announced(head) ?? { kind: 'until-close' };
};

/** Finds the end of a body in bytes that come in any pieces. */
export interface BodyEnd {
  /** How many of these bytes are the body's, and whether it ends with them. */
  push(bytes: Buffer): { readonly used: number; readonly ended: boolean };
}

export const bodyEnd = (framing: Framing): BodyEnd => {
  if (framing.kind === 'length') return lengthEnd(framing.bytes);
  if (framing.kind === 'chunked') return chunkedEnd();
  return { push: (bytes) => ({ used: bytes.byteLength, ended: false }) };
};

const lengthEnd = (bytes: number): BodyEnd => {
  let left = bytes;
  return {
    push: (piece) => {
      const used = Math.min(left, piece.byteLength);
      left -= used;
      return { used, ended: left === 0 };
    },
  };
};

/** Line by line: a size, as many bytes and an empty line, until a size of 0 and the lines up to an empty one. */
const chunkedEnd = (): BodyEnd => {
  let line = '';
  let data = 0;
  let last = false;
  const ends = (text: string): boolean => {
    if (last) return text === '';
    if (text === '') return false;
    data = Number.parseInt(text, 16);
    if (Number.isNaN(data)) throw new Error(`a chunk begins with ${JSON.stringify(text)}`);
    last = data === 0;
    return false;
  };
  return {
    push: (piece) => {
      let at = 0;
      while (at < piece.byteLength) {
        if (data > 0) {
          const taken = Math.min(data, piece.byteLength - at);
          data -= taken;
          at += taken;
          continue;
        }
        const newline = piece.indexOf(0x0a, at);
        const stop = newline < 0 ? piece.byteLength : newline + 1;
        line += piece.toString('latin1', at, stop);
        at = stop;
        if (newline < 0) break;
        const text = line.trimEnd();
        line = '';
        if (ends(text)) return { used: at, ended: true };
      }
      return { used: at, ended: false };
    },
  };
};
