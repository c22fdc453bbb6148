import { type EmbeddedQueueOptions, openEmbeddedQueue } from '#drivers/queue/embedded/open.ts';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import { openStoreIn } from '../store/temporary.ts';
import { recordingLog } from './recording-log.ts';
import { CATALOGUE } from './suite.ts';

export const openQueueIn = async (folder: string, options: Partial<EmbeddedQueueOptions> = {}) => {
  const clock = options.clock ?? systemClock;
  const store = await openStoreIn(folder, { clock });
  const log = recordingLog();
  const queue = openEmbeddedQueue({ store, clock, ids: systemIds, log, catalogue: CATALOGUE, ...options });
  return { store, queue, log };
};
