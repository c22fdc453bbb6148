import { reconcile } from '#services/system/reconcile.ts';
import type { Job } from '../job.ts';

/** Removes resources without a session, and looks at sessions without their resource. */
export const reconcileJob: Job = { name: 'reconcile', every_seconds: 15, run: reconcile };
