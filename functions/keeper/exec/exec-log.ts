import type { Clock } from '#ports/clock.ts';
import { type HeldReading, Hold, type HoldOptions } from './hold.ts';
import { MAX_RUN_BYTES, type StreamNumber } from './run-index.ts';
import { Segment } from './segment.ts';
import { Tail } from './tail.ts';

export interface ExecLogOptions {
  /** Files of the log are named `<path>-<n>`. */
  readonly path: string;
  /** At least this much of the newest data is kept, and at most a sixteenth (or 64 KiB) more, and what is held. */
  readonly limit_bytes: number;
  readonly clock: Clock;
  /** Where the command waits for a reader: how long it waits for one that is not there. */
  readonly hold?: Pick<HoldOptions, 'wait_ms'>;
  /** The disk refused some output; it is dropped and readers see a gap. */
  readonly failed: (error: unknown) => void;
}

const MAX_SEGMENT_BYTES = 4 * 1024 * 1024;
const MIN_SEGMENT_BYTES = 64 * 1024;
/**
 * A segment whose index grows to this is sealed early: neither an alternation of single bytes nor a command that prints
 * a line now and then for days may fill memory. One more run still fits into a buffer of 64 KiB.
 */
const MAX_INDEX_BYTES = 64 * 1024 - 2 * MAX_RUN_BYTES;
/** Kept in memory for followers once it is on disk. */
const TAIL_BYTES = 1024 * 1024;
/** Bytes that wait for the disk. Above the first the command's pipes are not read, below the second they are again. */
const HIGH_WATER_BYTES = 8 * 1024 * 1024;
const LOW_WATER_BYTES = 4 * 1024 * 1024;
const WRITE_BYTES = 2 * 1024 * 1024;
const WRITE_PIECES = 512;

/**
 * The output of one exec, on disk, in the order in which it was read. Appending never waits; `congested` says when
 * to stop reading from the command for a while.
 */
export class ExecLog {
  readonly #options: ExecLogOptions;
  readonly #segmentBytes: number;
  readonly tail = new Tail();
  #segments: Segment[] = [];
  /** Not wholly on disk yet, oldest first. */
  #unfinished: Segment[] = [];
  #made = 0;
  /** When the newest byte was read. It never goes back, whatever the clock does. */
  #time = 0;
  #flushed = 0;
  #flushing: Promise<void> | null = null;
  #ended = false;
  #endOffset: number | null = null;
  #missingFrom: number | null = null;
  #removed = false;
  #relief: PromiseWithResolvers<void> | null = null;
  readonly #waiters = new Set<() => void>();
  readonly #hold: Hold | null;

  constructor(options: ExecLogOptions) {
    this.#options = options;
    this.#hold = options.hold
      ? new Hold({ ...options.hold, clock: options.clock, changed: () => this.#holdChanged() })
      : null;
    this.#segmentBytes = Math.max(MIN_SEGMENT_BYTES, Math.min(MAX_SEGMENT_BYTES, options.limit_bytes / 16));
  }

  /** The offset of the next byte. */
  get next(): number {
    return this.tail.end;
  }

  /** The oldest byte still kept. */
  get first(): number {
    return this.#segments[0]?.start ?? this.next;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The first byte that was dropped before a holding reader was sent it. */
  get missingFrom(): number | null {
    return this.#missingFrom;
  }

  /** Where the log ended when its command did; null while that runs. */
  get endOffset(): number | null {
    return this.#endOffset;
  }

  get congested(): boolean {
    return this.next - this.#flushed > HIGH_WATER_BYTES || this.#held;
  }

  get #held(): boolean {
    return this.#hold?.stops(this.next, this.#options.limit_bytes) ?? false;
  }

  /** A reading for which the log is held; null if it is not held, or is held for another reader. */
  hold(reader: string, from: number): HeldReading | null {
    return this.#hold?.begin(reader, from) ?? null;
  }

  append(stream: StreamNumber, data: Buffer): void {
    if (this.#ended || data.byteLength === 0) return;
    this.#time = Math.max(this.#time, this.#options.clock.now());
    const segment = this.#openSegment(stream);
    segment.add(stream, data.byteLength, this.#time);
    this.tail.append(data);
    this.#retain();
    this.#wake();
    this.#flush();
  }

  /** The command has ended. Followers come to their end here; processes that it left behind may write on. */
  endCommand(): void {
    this.#endOffset ??= this.next;
    this.#wake();
    this.#flush();
  }

  /** No more output. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#endOffset ??= this.next;
    this.#hold?.end();
    const last = this.#segments.at(-1);
    if (last) last.sealed = true;
    this.#wake();
    this.#flush();
  }

  /** Resolves when the log is no longer congested. */
  relieved(): Promise<void> {
    if (this.#isRelieved) return Promise.resolve();
    this.#relief ??= Promise.withResolvers<void>();
    return this.#relief.promise;
  }

  get #isRelieved(): boolean {
    return this.next - this.#flushed <= LOW_WATER_BYTES && !this.#held;
  }

  #relieve(): void {
    if (!this.#relief || !this.#isRelieved) return;
    this.#relief.resolve();
    this.#relief = null;
  }

  #holdChanged(): void {
    this.#retain();
    this.#relieve();
  }

  /** Resolves when all that was appended so far is on disk, or was refused by it. */
  async settled(): Promise<void> {
    while (this.#flushing) await this.#flushing;
  }

  /** Resolves at the next byte, at the end, or when the signal is aborted. */
  changed(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiters.delete(done);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      if (signal?.aborted) return resolve();
      this.#waiters.add(done);
      signal?.addEventListener('abort', done, { once: true });
    });
  }

  /** The first kept segment that ends after `offset`. It may start after it: what lies between is gone. */
  segmentAt(offset: number): Segment | null {
    return this.#segments[this.#count(({ end }) => end <= offset)] ?? null;
  }

  /** The last kept segment whose first byte was read before `time`. */
  segmentBefore(time: number): Segment | null {
    return this.#segments[this.#count(({ runs }) => runs.time < time) - 1] ?? null;
  }

  /** How many segments there are of which this holds: the oldest ones, by bisection. */
  #count(holds: (segment: Segment) => boolean): number {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const segment = this.#segments[middle];
      if (segment && holds(segment)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Deletes the log. Readers end. */
  async remove(): Promise<void> {
    this.end();
    this.#hold?.close();
    this.#removed = true;
    const segments = new Set([...this.#segments, ...this.#unfinished]);
    this.#segments = [];
    for (const segment of segments) segment.dropped = true;
    await this.settled();
    await Promise.all([...segments].map((segment) => segment.remove()));
    this.#wake();
  }

  #openSegment(stream: StreamNumber): Segment {
    const last = this.#segments.at(-1);
    const full = last && (last.bytes >= this.#segmentBytes || last.indexBytes >= MAX_INDEX_BYTES);
    if (last && !last.sealed && !full) return last;
    if (last) last.sealed = true;
    this.#made++;
    const segment = new Segment(`${this.#options.path}-${this.#made}`, this.next, { stream, time: this.#time });
    this.#segments.push(segment);
    this.#unfinished.push(segment);
    return segment;
  }

  /** Drops the oldest segments that the limit does not need. */
  #retain(): void {
    for (;;) {
      const oldest = this.#segments[0];
      if (!oldest || this.#segments.length < 2 || this.next - oldest.end < this.#options.limit_bytes) return;
      if (this.#hold && oldest.end > this.#hold.keptFrom) return;
      this.#segments.shift();
      this.#miss(oldest);
      oldest.dropped = true;
      if (!this.#unfinished.includes(oldest)) void oldest.remove().catch(this.#options.failed);
    }
  }

  /** A segment is gone: of what the holding reader was sent of it nothing is missing. */
  #miss({ start, end }: Segment): void {
    const sent = this.#hold?.sentTo ?? 0;
    if (end > sent) this.#missingFrom = Math.min(this.#missingFrom ?? Number.POSITIVE_INFINITY, Math.max(start, sent));
  }

  #wake(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }

  #flush(): void {
    this.#flushing ??= this.#flushAll().finally(() => {
      this.#flushing = null;
      if (this.#pending) this.#flush();
    });
  }

  get #pending(): boolean {
    const oldest = this.#unfinished[0];
    return !this.#removed && oldest !== undefined && (oldest.sealed || oldest.dropped || this.#flushed < oldest.end);
  }

  async #flushAll(): Promise<void> {
    while (this.#pending) {
      const segment = this.#unfinished[0];
      if (!segment) return;
      try {
        await this.#flushSome(segment);
      } catch (error) {
        this.#options.failed(error);
        this.#lose(segment);
      }
      // What an ended command wrote is read from disk alone, so that finished execs hold no memory.
      this.tail.release(Math.min(this.#flushed, this.#endOffset === null ? this.next - TAIL_BYTES : this.next));
      this.#relieve();
    }
  }

  async #flushSome(segment: Segment): Promise<void> {
    if (segment.dropped) {
      this.#flushed = Math.max(this.#flushed, segment.end);
      this.#unfinished.shift();
      await segment.remove();
      return;
    }
    const end = Math.min(segment.end, this.#flushed + WRITE_BYTES);
    const buffers = this.tail.slices(this.#flushed, end, WRITE_PIECES);
    if (buffers.length > 0) {
      await segment.write(buffers, this.#flushed);
      for (const buffer of buffers) this.#flushed += buffer.byteLength;
    }
    if (segment.sealed && this.#flushed >= segment.end) {
      await segment.finish();
      if (this.#unfinished[0] === segment) this.#unfinished.shift();
      if (segment.dropped) await segment.remove();
    }
  }

  /** The disk refused this segment: it becomes a gap, and later output goes to a new segment. */
  #lose(segment: Segment): void {
    segment.sealed = true;
    segment.dropped = true;
    this.#miss(segment);
    this.#segments = this.#segments.filter((kept) => kept !== segment);
  }
}
