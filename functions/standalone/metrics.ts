import { Gauge, Histogram, type Registry } from 'prom-client';
import { SESSION_STATUSES } from '#contract/entities/session.ts';
import { usd } from '#domain/money.ts';
import { readPlan } from '#domain/plan.ts';
import { billLines, rateBetween } from '#domain/pricing.ts';
import { isTerminal } from '#domain/lifecycle.ts';
import { DURATION_BUCKETS_SECONDS } from '#platform/durations.ts';
import { everyDoc } from '#services/kernel/pages.ts';
import { audit, sessions } from '#services/model/collections.ts';
import type { Standalone } from '#wiring/standalone.ts';

/** Time from create to running, out of the audit: what was recorded since the last look. */
const addTimeToRunning = (registry: Registry, { deps }: Standalone): void => {
  let seen = deps.ids.next('evt');
  const histogram: Histogram = new Histogram({
    name: 'onmemos_session_time_to_running_seconds',
    help: 'Time from the create to the session running.',
    buckets: [...DURATION_BUCKETS_SECONDS],
    registers: [registry],
    collect: async () => {
      const since = {
        where: { action: 'session.running' },
        order: { field: 'id', direction: 'desc' as const },
        range: { gt: seen },
      };
      let newest: string | null = null;
      for await (const entry of everyDoc(deps.store, audit, since)) {
        newest ??= entry.id;
        const took = entry.detail['milliseconds_to_running'];
        if (typeof took === 'number') histogram.observe(took / 1000);
      }
      seen = newest ?? seen;
    },
  });
};

/**
 * What one machine shows of itself: sessions by state, what they cost an hour, and the queue. Each scrape reads every
 * live session, which is cheap here alone: no other deployable may use this.
 */
export const addStandaloneMetrics = (registry: Registry, machine: Standalone): void => {
  const { deps, queue } = machine;
  addTimeToRunning(registry, machine);
  const byState = new Gauge({
    name: 'onmemos_sessions',
    help: 'Sessions that have not ended, by status.',
    labelNames: ['status'],
    registers: [registry],
    collect: async () => {
      const counts = new Map<string, number>(
        SESSION_STATUSES.filter((status) => !isTerminal(status)).map((status) => [status, 0]),
      );
      let nano = 0;
      for await (const session of everyDoc(deps.store, sessions, {
        where: { live: true },
        order: { field: 'id', direction: 'asc' },
      })) {
        counts.set(session.status, (counts.get(session.status) ?? 0) + 1);
        nano += rateBetween(billLines(readPlan(session.bill)), deps.settings.prices).at_least;
      }
      for (const [status, count] of counts) byState.set({ status }, count);
      costRate.set(usd(nano));
    },
  });
  const costRate = new Gauge({
    name: 'onmemos_cost_usd_per_hour',
    help: 'What the live sessions cost an hour, as far as their prices are known.',
    registers: [registry],
  });
  const depth: Gauge = new Gauge({
    name: 'onmemos_queue_depth',
    help: 'Tasks that wait, those for later included.',
    registers: [registry],
    collect: () => {
      depth.set(queue.stats().depth);
    },
  });
  const age: Gauge = new Gauge({
    name: 'onmemos_queue_oldest_seconds',
    help: 'How long the longest overdue task has waited past its time.',
    registers: [registry],
    collect: () => {
      age.set(queue.stats().oldest_age_ms / 1000);
    },
  });
};
