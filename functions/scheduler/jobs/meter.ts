import { meterSessions } from '#services/system/meter.ts';
import { meterStorage } from '#services/system/meter-storage.ts';
import type { Job } from '../job.ts';

/** Bills live sessions and storage up to where they were last seen. */
export const meterJob: Job = {
  name: 'meter',
  every_seconds: 15,
  run: async (deps) => ({ ...(await meterSessions(deps)), storage: (await meterStorage(deps)).looked }),
};
