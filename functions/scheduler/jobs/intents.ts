import { sweepIntents } from '#services/system/sweep-intents.ts';
import type { Job } from '../job.ts';

/** Takes up every intent that nobody has finished in time. */
export const intentsJob: Job = { name: 'intents', every_seconds: 15, run: (deps) => sweepIntents(deps) };
