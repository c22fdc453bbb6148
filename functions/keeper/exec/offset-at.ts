import type { ExecLog } from './exec-log.ts';
import { beginOf } from './run-index.ts';

/**
 * The end of the kept output that was read before `time`; 0 where none of it was. A reader that begins there gets all
 * that was read from then on, and a gap where such bytes may have been dropped.
 */
export const offsetAt = async (log: ExecLog, time: number): Promise<number> => {
  for (;;) {
    const segment = log.segmentBefore(time);
    if (!segment) return 0;
    try {
      const index = segment.index() ?? (await segment.loadIndex());
      const begin = beginOf(time, index, segment.runs);
      return begin === null ? segment.end : segment.start + begin;
    } catch (error) {
      // It was dropped while its index was read; another is the first that is kept now.
      if (!segment.dropped) throw error;
    }
  }
};
