import { Gauge, Histogram, type Registry } from 'prom-client';
import { DURATION_BUCKETS_SECONDS } from '#platform/durations.ts';
import type { JobObserver } from './jobs.ts';

/**
 * Adds how long runs of the timed jobs take, how they end, and what the last sweep said of open intents, to a registry.
 * One call per registry.
 */
export const createJobMetrics = (registry: Registry): JobObserver => {
  const jobs = new Histogram({
    name: 'onmemos_job_duration_seconds',
    help: 'Time that a run of a timed job (a sweep) took.',
    labelNames: ['job', 'outcome'],
    buckets: [...DURATION_BUCKETS_SECONDS],
    registers: [registry],
  });
  const often = new Gauge({
    name: 'onmemos_intents_tried_often',
    help: 'Open intents that have been tried more than 20 times, by the last sweep. 100 stands for more.',
    registers: [registry],
  });
  const oldest = new Gauge({
    name: 'onmemos_intent_oldest_seconds',
    help: 'Age of the oldest open intent, by the last sweep.',
    registers: [registry],
  });
  return (job, outcome, seconds, figures) => {
    jobs.observe({ job, outcome }, seconds);
    if (figures['often'] !== undefined) often.set(figures['often']);
    if (figures['oldest_ms'] !== undefined) oldest.set(figures['oldest_ms'] / 1000);
  };
};
