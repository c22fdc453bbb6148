import { sweepExpired } from '#services/system/sweep-expired.ts';
import type { Job } from '../job.ts';

/** Ends sessions whose time has come and whose task did not. */
export const expireJob: Job = { name: 'expire', every_seconds: 15, run: sweepExpired };
