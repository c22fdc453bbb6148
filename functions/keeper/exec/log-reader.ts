import { MAX_CHUNK_BYTES } from '#platform/protocol/bounds.ts';
import type { OutputEvent, ReadOptions } from '#ports/exec.ts';
import type { ExecLog } from './exec-log.ts';
import { RunCursor } from './run-index.ts';
import type { Segment } from './segment.ts';
import { SegmentFile } from './segment-file.ts';

export type LogEvent = Exclude<OutputEvent, { type: 'exit' }>;

/**
 * Replays a log from `from` and then follows it to where its command ended. Of a command that has ended it gives all that
 * is there now, also what came later. Holds at most two blocks of data and one index of a
 * segment in memory, whatever the log's size; what followers have just missed comes from the log's tail.
 */
export async function* readLog(log: ExecLog, from: number, options: ReadOptions = {}): AsyncGenerator<LogEvent> {
  const { signal } = options;
  const present = options.follow === false || log.endOffset !== null ? log.next : null;
  let position = from;
  let reader: SegmentReader | null = null;
  try {
    for (;;) {
      const until = present ?? log.endOffset ?? Number.POSITIVE_INFINITY;
      if (signal?.aborted || position >= until) return;
      if (position >= log.next) {
        await log.changed(signal);
        continue;
      }
      const segment = log.segmentAt(position);
      if (!segment || segment.start > position) {
        const to = Math.min(segment?.start ?? log.next, until);
        yield { type: 'gap', from: position, to };
        position = to;
        continue;
      }
      if (reader?.segment !== segment) {
        await reader?.close();
        reader = new SegmentReader(segment);
      }
      const chunk = await reader.read(log, position, until);
      if (!chunk) continue;
      yield chunk;
      position += chunk.data.byteLength;
    }
  } finally {
    await reader?.close();
  }
}

class SegmentReader {
  readonly segment: Segment;
  readonly #cursor: RunCursor;
  readonly #file: SegmentFile;
  #loaded: Uint8Array | null = null;

  constructor(segment: Segment) {
    this.segment = segment;
    this.#cursor = new RunCursor(segment.runs);
    this.#file = new SegmentFile(segment.path, segment.start);
  }

  /** The next chunk at `position`, or null when the segment was dropped meanwhile. */
  async read(log: ExecLog, position: number, until: number): Promise<(LogEvent & { type: 'chunk' }) | null> {
    const { segment } = this;
    try {
      if (!this.#loaded && !segment.index()) this.#loaded = await segment.loadIndex();
      if (position < log.tail.start) await this.#file.load(position, Math.min(segment.end, log.tail.start));
    } catch (error) {
      if (segment.dropped) return null;
      throw error;
    }
    const index = this.#loaded ?? segment.index();
    // The segment was finished while a block was read: the index is loaded in the next round.
    if (!index) return null;
    const run = this.#cursor.seek(index, position - segment.start);
    const end = Math.min(run.end === null ? segment.end : segment.start + run.end, until, position + MAX_CHUNK_BYTES);
    const data = this.#file.take(position, end) ?? log.tail.slice(position, end - position);
    return { type: 'chunk', seq: position, stream: run.stream === 0 ? 'stdout' : 'stderr', time: run.time, data };
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
