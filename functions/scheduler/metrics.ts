import { Histogram, type Registry } from 'prom-client';
import { DURATION_BUCKETS_SECONDS } from '#platform/durations.ts';
import type { JobObserver } from './jobs.ts';

/** Adds how long runs of the timed jobs take, and how they end, to a registry. One call per registry. */
export const createJobMetrics = (registry: Registry): JobObserver => {
  const jobs = new Histogram({
    name: 'onmemos_job_duration_seconds',
    help: 'Time that a run of a timed job (a sweep) took.',
    labelNames: ['job', 'outcome'],
    buckets: [...DURATION_BUCKETS_SECONDS],
    registers: [registry],
  });
  return (job, outcome, seconds) => jobs.observe({ job, outcome }, seconds);
};
