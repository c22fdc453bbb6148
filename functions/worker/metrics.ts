import { Histogram, type Registry } from 'prom-client';
import { DURATION_BUCKETS_SECONDS } from '#platform/durations.ts';
import type { TaskObserver } from './dispatch.ts';

/** Adds how long delivered tasks take, and how they end, to a registry. One call per registry. */
export const createTaskMetrics = (registry: Registry): TaskObserver => {
  const tasks = new Histogram({
    name: 'onmemos_task_duration_seconds',
    help: 'Time that a delivered task took.',
    labelNames: ['task', 'outcome'],
    buckets: [...DURATION_BUCKETS_SECONDS],
    registers: [registry],
  });
  return (task, outcome, seconds) => tasks.observe({ task, outcome }, seconds);
};
