import { Writable } from 'node:stream';

/** What is typed at a terminal, and its size: both go to its waiter in frames, so that they stay in order. */
interface Typing {
  readonly input: Writable;
  resize(cols: number, rows: number): void;
}

const MOST_IN_FRAME = 16 * 1024;

export function typing(waiter: Writable): Typing {
  const input = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      for (let from = 0; from < chunk.length; from += MOST_IN_FRAME) {
        const part = chunk.subarray(from, from + MOST_IN_FRAME);
        waiter.write(frame('i', part), from + MOST_IN_FRAME < chunk.length ? undefined : done);
      }
    },
    destroy: (error, done) => {
      waiter.destroy();
      done(error);
    },
  });
  // The command may end before all is typed.
  input.on('error', () => undefined);
  // While the pipe is full only the newest size waits.
  let size: Buffer | null = null;
  waiter.on('drain', () => {
    if (size) waiter.write(size);
    size = null;
  });
  const resize = (cols: number, rows: number): void => {
    const newest = frame('s', sizeOf(cols, rows));
    if (waiter.writableNeedDrain) size = newest;
    else waiter.write(newest);
  };
  return { input, resize };
}

function frame(kind: 'i' | 's', content: Buffer): Buffer {
  const head = Buffer.from(`${kind}0000`);
  head.writeUInt32BE(content.length, 1);
  return Buffer.concat([head, content]);
}

/** As the kernel's struct winsize has it. */
const sizeOf = (cols: number, rows: number): Buffer => Buffer.from(new Uint16Array([rows, cols, 0, 0]).buffer);
