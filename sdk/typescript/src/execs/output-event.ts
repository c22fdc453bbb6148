import type { Exec, StreamName } from '../types.ts';

/** A piece of output. */
export interface OutputChunk {
  /** Tells the events apart. */
  readonly type: 'chunk';
  /** Offset of its first byte in the log, which counts the bytes of both streams in the order they were read. */
  readonly seq: number;
  /** What the command wrote it to; a terminal, and a command with `merge`, has stdout alone. */
  readonly stream: StreamName;
  /** The bytes as they were written: a character may be cut between two chunks. */
  readonly data: Uint8Array;
}

/** Bytes that were dropped before they were read: `from` to `to`, the latter kept. */
export interface OutputGapEvent {
  /** Tells the events apart. */
  readonly type: 'gap';
  /** Offset of the first byte that was dropped. */
  readonly from: number;
  /** Offset of the first byte behind it that was kept. */
  readonly to: number;
}

/** The command has ended: nothing comes after it. */
export interface OutputExit {
  /** Tells the events apart. */
  readonly type: 'exit';
  /** The command’s record as it ended. */
  readonly exec: Exec;
}

/** What a command's output is made of, in order; the last is the exit. */
export type OutputEvent = OutputChunk | OutputGapEvent | OutputExit;

/** Keeps events from any source in order: no byte twice, none left out unsaid. */
export class Continuity {
  /** The offset from which to go on. */
  next: number;

  constructor(from: number) {
    this.next = from;
  }

  /** The events that this one means: itself, what is new of it, or with a gap before it. */
  take(event: OutputEvent): readonly OutputEvent[] {
    if (event.type === 'exit') return [event];
    const [from, to] = event.type === 'gap' ? [event.from, event.to] : [event.seq, event.seq + event.data.length];
    const expected = this.next;
    if (to <= expected) return [];
    this.next = to;
    if (event.type === 'gap') return [{ type: 'gap', from: Math.max(from, expected), to }];
    if (from > expected) return [{ type: 'gap', from: expected, to: from }, event];
    return from === expected ? [event] : [{ ...event, seq: expected, data: event.data.subarray(expected - from) }];
  }
}
