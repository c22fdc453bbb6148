import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimate } from './estimate.ts';
import { formatUsd, nanoUsd, usd } from './money.ts';
import { PACKAGES } from './packages.ts';
import type { Plan, PlanInput } from './plan.ts';
import { PLANNERS, planCloudRun, planGke, planLocal, planWorkstations } from './plans.ts';
import { PRICE_FILE, priceTable } from './prices.ts';
import { billLines, costNanoUsd, missingPrices, ratePerHour, upperBoundNanoUsd } from './pricing.ts';
import { shadowStorage, storageCost, storageRate, storageSizeGb, storageUpperBound } from './storage-pricing.ts';

const table = priceTable();
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const input = (cpu: number, memory: number, gpu: PlanInput['gpu'] = null): PlanInput => ({
  cpu_request_millis: cpu,
  cpu_limit_millis: cpu,
  memory_request_mb: memory,
  memory_limit_mb: memory,
  gpu,
});
const must = (plan: ReturnType<typeof planGke>): Plan => {
  if (!plan.ok) throw new Error(plan.message);
  return plan;
};
const cloudRun = must(planCloudRun(input(1000, 1024)));
const gke = must(planGke(input(1000, 2048)));

const PLANS: readonly Plan[] = PACKAGES.flatMap(({ cpu_millis, memory_mb, gpu }) =>
  Object.values(PLANNERS).flatMap((planner) => {
    const plan = planner(input(cpu_millis, memory_mb, gpu));
    return plan.ok ? [plan] : [];
  }),
);

describe('the price table', () => {
  it('says source, date and confidence of every row, once per item and region', () => {
    for (const row of PRICE_FILE.rows) {
      expect(row.source.length).toBeGreaterThan(3);
      expect(row.as_of).toMatch(/^20\d\d/);
      expect(row.confidence).toMatch(row.usd === null ? /^none$/ : /^(high|medium|low)$/);
    }
    expect(new Set(PRICE_FILE.rows.map(({ item, region }) => `${item} ${region}`)).size).toBe(PRICE_FILE.rows.length);
  });

  it('reads prices exactly', () => {
    for (const row of PRICE_FILE.rows) {
      const price = table.get(row.item);
      if (row.usd === null) expect(price).toBeNull();
      else expect(Number(price?.pico_usd) / 1e12).toBe(row.usd);
    }
  });

  it('has a row, with or without a price, for whatever a plan is billed by, and no row besides', () => {
    const rows = new Set(PRICE_FILE.rows.map(({ item }) => item));
    const used = new Set(PLANS.flatMap((plan) => billLines(plan).map(({ item }) => item)));
    for (const item of used) expect(rows).toContain(item);
    const gpus = ['t4', 'l4', 'a100', 'h100', 'v100'].flatMap((type) =>
      [1, 8].flatMap((count) =>
        Object.values(PLANNERS).flatMap((planner) => {
          const plan = planner(input(1000, 2048, { type, count }));
          return plan.ok ? billLines(plan).map(({ item }) => item) : [];
        }),
      ),
    );
    expect([...rows].filter((item) => !used.has(item) && !gpus.includes(item)).sort()).toEqual([
      'gcs.standard',
      'pd.balanced',
    ]);
  });

  it('is silent about other regions', () => {
    const elsewhere = priceTable('europe-west4');
    expect(missingPrices(gke, elsewhere)).toEqual([
      'gke.autopilot.cpu',
      'gke.autopilot.memory',
      'gke.autopilot.ephemeral',
    ]);
    expect(costNanoUsd(gke, 0, HOUR, elsewhere)).toBe(0);
  });
});

describe('known bills', () => {
  it('one vCPU and 1 GiB of a Cloud Run job for 30 days is $51.84', () => {
    expect(costNanoUsd(cloudRun, 0, 30 * DAY, table)).toBe(nanoUsd(51.84));
  });

  it('a g2-standard-8 with an L4 is $0.8536 an hour, without the premium that is not known', () => {
    const plan = must(planGke(input(4000, 16_384, { type: 'l4', count: 1 })));
    expect(plan.machine_type).toBe('g2-standard-8');
    expect(usd(costNanoUsd(plan, 0, HOUR, table))).toBeCloseTo(0.853608, 9);
    expect(missingPrices(plan, table)).toEqual(['gke.autopilot.gpu-premium.l4']);
  });

  it('an Autopilot pod bills by its request', () => {
    expect(ratePerHour(gke, table)).toMatchObject({ cpu: nanoUsd(0.0445), memory: nanoUsd(0.009845), gpu: 0 });
  });

  it('a laptop costs nothing', () => {
    const plan = must(planLocal(input(8000, 32_768, null)));
    expect(costNanoUsd(plan, 0, 30 * DAY, table)).toBe(0);
    expect(ratePerHour(plan, table)).toEqual({ cpu: 0, memory: 0, gpu: 0, storage: 0, total: 0 });
    expect(missingPrices(plan, table)).toEqual([]);
  });

  it('a workstation lacks the price of its management', () => {
    const plan = must(planWorkstations(input(1000, 2048)));
    expect(missingPrices(plan, table)).toEqual(['workstations.management-fee']);
    expect(ratePerHour(plan, table)).toMatchObject({ cpu: null, total: null, memory: nanoUsd(0.02338824) });
  });

  it('a shape or machine that nobody knows is missing, not free', () => {
    expect(missingPrices({ ...gke, shape: 'moon' }, table)).toEqual(['shape.moon']);
    expect(missingPrices({ ...gke, shape: 'workstations', machine_type: 'z9-tiny' }, table)).toContain('gce.z9-tiny');
  });

  it('100 GiB of balanced disk are $10 for 30 days', () => {
    const volume = { kind: 'volume', provider: 'gke', size_gb: 100 } as const;
    expect(storageCost(volume, 0, 30 * DAY, table).total).toBe(nanoUsd(10));
    expect(storageRate(volume, table).total).toBe(13_888_888);
    expect(storageCost({ ...volume, provider: 'local' }, 0, 30 * DAY, table).total).toBe(0);
    expect(storageCost({ ...volume, kind: 'bucket' }, 0, 30 * DAY, table).total).toBe(nanoUsd(2));
    expect(storageSizeGb({ ...volume, provider: 'workstations', size_gb: 11 })).toBe(50);
    expect(storageSizeGb({ ...volume, provider: 'workstations', size_gb: 2000 })).toBeNull();
    expect(shadowStorage({ ...volume, provider: 'local' }, 'gke').provider).toBe('gke');
    expect(shadowStorage({ ...volume, provider: 'local' }, null).provider).toBe('local');
  });
});

describe('minimum and steps', () => {
  it('a Cloud Run job of a second costs a minute, and the next 59 seconds nothing more', () => {
    const minute = costNanoUsd(cloudRun, 0, 60_000, table);
    expect(costNanoUsd(cloudRun, 0, 1000, table)).toBe(minute);
    expect(costNanoUsd(cloudRun, 1000, 60_000, table)).toBe(0);
    expect(costNanoUsd(cloudRun, 0, 0, table)).toBe(0);
    expect(costNanoUsd(cloudRun, 0, 60_001, table)).toBe(costNanoUsd(cloudRun, 0, 60_100, table));
  });

  it('a Cloud Run job is billed by started tenths of a second, each of them the same', () => {
    const tenth = costNanoUsd(cloudRun, 60_000, 60_100, table);
    expect(tenth).toBe(nanoUsd(0.000018 + 0.000002) / 10);
    for (const n of [1, 2, 9, 10, 11])
      expect(costNanoUsd(cloudRun, 60_000, 60_000 + n * 100 - 99, table)).toBe(n * tenth);
  });
});

describe('the pricing function', () => {
  const plan = fc.constantFrom(...PLANS);
  const cuts = fc.array(fc.integer({ min: 0, max: 40 * DAY }), { minLength: 2, maxLength: 12 });

  it('telescopes: pieces add up exactly to the whole', () => {
    fc.assert(
      fc.property(plan, cuts, (shape, times) => {
        const sorted = [0, ...times.toSorted((a, b) => a - b)];
        let sum = 0;
        for (let i = 1; i < sorted.length; i++) sum += costNanoUsd(shape, sorted[i - 1] ?? 0, sorted[i] ?? 0, table);
        expect(sum).toBe(costNanoUsd(shape, 0, sorted.at(-1) ?? 0, table));
      }),
    );
  });

  it('is a safe whole number that never falls with time', () => {
    fc.assert(
      fc.property(plan, fc.nat(400 * DAY), fc.nat(DAY), (shape, from, more) => {
        const piece = costNanoUsd(shape, from, from + more, table);
        expect(Number.isSafeInteger(piece)).toBe(true);
        expect(piece).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('never passes its upper bound, wherever the interval lies', () => {
    fc.assert(
      fc.property(plan, fc.nat(40 * DAY), fc.nat(DAY), (shape, from, ms) => {
        expect(costNanoUsd(shape, from, from + ms, table)).toBeLessThanOrEqual(
          upperBoundNanoUsd(shape, ms, from === 0, table),
        );
      }),
    );
    fc.assert(
      fc.property(fc.nat(40 * DAY), fc.nat(DAY), fc.integer({ min: 1, max: 9999 }), (from, ms, size_gb) => {
        const volume = { kind: 'volume', provider: 'gke', size_gb } as const;
        expect(storageCost(volume, from, from + ms, table).total).toBeLessThanOrEqual(
          storageUpperBound(volume, ms, table),
        );
      }),
    );
  });
});

describe('the estimate', () => {
  it('has the wire’s fields, and agrees with the pricing function', () => {
    const volume = { kind: 'volume', provider: 'gke', size_gb: 10 } as const;
    const answer = estimate(gke, [volume], 120, table);
    expect(answer).toMatchObject({
      cpu_cost_per_hour: 0.0445,
      memory_cost_per_hour: 0.009845,
      gpu_cost_per_hour: 0,
      currency: 'USD',
      region: 'us-central1',
      ttl_minutes: 120,
      missing_prices: [],
      price_table: PRICE_FILE.version,
      plan: { shape: 'gke', cpu_millis: 1000 },
    });
    const whole = costNanoUsd(gke, 0, 2 * HOUR, table) + storageCost(volume, 0, 2 * HOUR, table).total;
    expect(answer.estimated_total_cost).toBe(usd(whole));
    expect(answer.storage_cost_per_hour).toBeCloseTo(0.0000706 + 1 / 720, 8);
  });

  it('says what is missing instead of a number', () => {
    const plan = must(planGke(input(1000, 4096, { type: 't4', count: 1 })));
    const answer = estimate(plan, [], 60, table);
    expect(answer).toMatchObject({ gpu_cost_per_hour: null, total_cost_per_hour: null, estimated_total_cost: null });
    expect(answer.missing_prices).toEqual(['gke.autopilot.gpu-premium.t4']);
    expect(answer.cpu_cost_per_hour).toBeCloseTo(4 * 0.031611, 9);
  });

  it('holds the minimum', () => {
    expect(estimate(cloudRun, [], 1, table).estimated_total_cost).toBe(usd(costNanoUsd(cloudRun, 0, 60_000, table)));
  });
});

it('writes money', () => {
  expect([formatUsd(nanoUsd(12.345)), formatUsd(0), formatUsd(1_234_567), formatUsd(-nanoUsd(2))]).toEqual([
    '$12.35',
    '$0.00',
    '$0.0012',
    '$-2.00',
  ]);
});
