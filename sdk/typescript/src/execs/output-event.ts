import type { Exec, StreamName } from '../types.ts';

/** A piece of output. */
export interface OutputChunk {
  /** Kind of the event. */
  readonly type: 'chunk';
  /** Offset of the first byte in the log, which has the bytes of both streams in the order in which they were read. */
  readonly seq: number;
  /** Offset after the last byte: a later reader continues from here. */
  readonly end: number;
  /** The stream of the bytes. A terminal, and a command with `merge`, has only stdout. */
  readonly stream: StreamName;
  /**
   * When the first byte was read from the command, to 50 ms (ISO 8601). It never goes back. Null if the session's
   * keeper is of an earlier version, which keeps no times.
   */
  readonly time: string | null;
  /** The bytes as they were written. A character may be split between two chunks. */
  readonly data: Uint8Array;
}

/** The bytes of one stream at an offset of the log. */
export const outputChunk = (
  seq: number,
  stream: StreamName,
  data: Uint8Array,
  time: string | null = null,
): OutputChunk => ({
  type: 'chunk',
  seq,
  end: seq + data.length,
  stream,
  time,
  data,
});

/** Bytes that were dropped before they were read: `from` up to `to`, without `to`. */
export interface OutputGapEvent {
  /** Kind of the event. */
  readonly type: 'gap';
  /** Offset of the first byte that was dropped. */
  readonly from: number;
  /** Offset of the first byte after the gap. */
  readonly to: number;
}

/** The command has ended. This is the last event. */
export interface OutputExit {
  /** Kind of the event. */
  readonly type: 'exit';
  /** The record of the ended command. */
  readonly exec: Exec;
}

/** An event of a command's output. The last one is the exit. */
export type OutputEvent = OutputChunk | OutputGapEvent | OutputExit;

/** Keeps events from any source in order: no byte twice, none left out unsaid. */
export class Continuity {
  /** The offset from which to go on. */
  next: number;
  /** Whether the first event may begin behind `next`, which is no gap. */
  #anywhere: boolean;

  /** @param options `anywhere`: the server chooses where the output begins, by an instant. */
  constructor(from: number, options: { readonly anywhere?: boolean } = {}) {
    this.next = from;
    this.#anywhere = options.anywhere === true;
  }

  /** The events that this one means: itself, what is new of it, or with a gap before it. */
  take(event: OutputEvent): readonly OutputEvent[] {
    if (event.type === 'exit') return [event];
    const [from, to] = event.type === 'gap' ? [event.from, event.to] : [event.seq, event.end];
    const expected = this.#anywhere ? Math.max(this.next, from) : this.next;
    this.#anywhere = false;
    if (to <= expected) return [];
    this.next = to;
    if (event.type === 'gap') return [{ type: 'gap', from: Math.max(from, expected), to }];
    if (from > expected) return [{ type: 'gap', from: expected, to: from }, event];
    return from === expected ? [event] : [{ ...event, seq: expected, data: event.data.subarray(expected - from) }];
  }
}
