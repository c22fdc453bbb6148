import { Job } from '#contract/entities/exec.ts';
import { jobStatus } from '#services/execs/job.ts';
import { jsonRoute } from '../../route.ts';

export const jobsStatus = jsonRoute({
  operation: 'jobs.status',
  summary: 'Read the state of an asynchronous command',
  response: Job,
  handle: ({ deps, call, params }) => jobStatus(deps, call, params),
});
