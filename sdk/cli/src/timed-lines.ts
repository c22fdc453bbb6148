import type { OutputChunk } from 'onmemos';
import { CliError } from './errors.ts';

const NEWLINE = 0x0a;
/** An unfinished line is held up to this size. A longer one is handed on in pieces. */
const MOST_HELD = 64 * 1024;

const encoder = new TextEncoder();
const NOTHING = new Uint8Array(0);

/**
 * The lines of one stream, each behind the time of its first byte. They are handed on whole, so that lines of two streams
 * that are shown in one place do not mix. Works on bytes: they need not be UTF-8.
 */
export class TimedLines {
  /** What is not handed on of the line that is not finished yet. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #begun = false;

  /** @throws CliError where the times of this output are not known */
  add({ data, time }: Pick<OutputChunk, 'data' | 'time'>): Uint8Array {
    const whole: Uint8Array[] = [];
    for (let at = 0; at < data.length; ) {
      const found = data.indexOf(NEWLINE, at);
      const end = found === -1 ? data.length : found + 1;
      if (!this.#begun) this.#hold(encoder.encode(`${timeOf(time)} `));
      this.#begun = found === -1;
      this.#hold(data.subarray(at, end));
      if (found !== -1) whole.push(...this.#taken());
      at = end;
    }
    if (this.#heldBytes > MOST_HELD) whole.push(...this.#taken());
    return Buffer.concat(whole);
  }

  /** Bytes are missing here: what follows is another line. */
  broken(): Uint8Array {
    if (!this.#begun) return NOTHING;
    this.#begun = false;
    return Buffer.concat([...this.#taken(), encoder.encode('\n')]);
  }

  /** The last line, as far as it came. */
  rest(): Uint8Array {
    return Buffer.concat(this.#taken());
  }

  #hold(bytes: Uint8Array): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
  }

  #taken(): readonly Uint8Array[] {
    const taken = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    return taken;
  }
}

const timeOf = (time: string | null): string => {
  if (time !== null) return time;
  throw new CliError('The times of this output are not known: the session’s keeper is of an earlier version.', {
    hint: 'Leave out --timestamps.',
  });
};
