import { prune } from '#services/system/prune.ts';
import type { Job } from '../job.ts';

/** Removes records and data that have lived out their time. */
export const pruneJob: Job = { name: 'prune', every_seconds: 60, run: prune };
