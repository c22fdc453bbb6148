import { type EmbeddedQueueOptions, openEmbeddedQueue } from '#drivers/queue/embedded/open.ts';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import type { LogFields, Logger } from '#ports/logger.ts';
import { openStoreIn } from '../store/temporary.ts';
import { CATALOGUE } from './suite.ts';

/** A logger that remembers: `level message`. */
const recordingLog = (): Logger & { readonly lines: string[] } => {
  const lines: string[] = [];
  const line = (level: string) => (_: LogFields, message: string) => {
    lines.push(`${level} ${message}`);
  };
  const log = {
    lines,
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    child: () => log,
  };
  return log;
};

export const openQueueIn = async (folder: string, options: Partial<EmbeddedQueueOptions> = {}) => {
  const clock = options.clock ?? systemClock;
  const store = await openStoreIn(folder, { clock });
  const log = recordingLog();
  const queue = openEmbeddedQueue({ store, clock, ids: systemIds, log, catalogue: CATALOGUE, ...options });
  return { store, queue, log };
};
