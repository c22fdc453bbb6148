import { Histogram, type Registry } from 'prom-client';
import { DURATION_BUCKETS_SECONDS } from '#platform/durations.ts';
import type { TaskObserver } from './dispatch.ts';

/** Adds the durations and results of delivered tasks to a registry. Call it once per registry. */
export const createTaskMetrics = (registry: Registry): TaskObserver => {
  const tasks = new Histogram({
    name: 'onmemos_task_duration_seconds',
    help: 'Duration of a delivered task.',
    labelNames: ['task', 'outcome'],
    buckets: [...DURATION_BUCKETS_SECONDS],
    registers: [registry],
  });
  return (task, outcome, seconds) => tasks.observe({ task, outcome }, seconds);
};
