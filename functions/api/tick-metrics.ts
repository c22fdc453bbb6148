import { Gauge, type Registry } from 'prom-client';
import { epochMs } from '#ports/clock.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { readLease } from '#services/sweeps/lease.ts';

/**
 * What the scheduler's last tick said, where it runs in a process without `/metrics`. A scrape reads one document,
 * however many sessions and intents there are. One call per registry.
 */
export const addTickMetrics = (registry: Registry, { store, clock }: Pick<Deps, 'store' | 'clock'>): void => {
  const often = new Gauge({
    name: 'onmemos_intents_tried_often',
    help: 'Open intents that have been tried more than 20 times, by the last tick. 100 stands for more.',
    registers: [registry],
  });
  const oldest = new Gauge({
    name: 'onmemos_intent_oldest_seconds',
    help: 'Age of the oldest open intent, by the last tick.',
    registers: [registry],
  });
  const age: Gauge = new Gauge({
    name: 'onmemos_tick_age_seconds',
    help: 'Time since the scheduler last ended a tick. NaN where none has ended.',
    registers: [registry],
    collect: async () => {
      const { ended_at, figures } = await readLease({ store });
      age.set(ended_at === null ? Number.NaN : (clock.now() - epochMs(ended_at)) / 1000);
      often.set(figures['intents']?.['often'] ?? 0);
      oldest.set((figures['intents']?.['oldest_ms'] ?? 0) / 1000);
    },
  });
};
