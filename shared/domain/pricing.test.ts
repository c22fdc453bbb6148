import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimate } from './estimate.ts';
import { nanoUsd, usd } from './money.ts';
import { PACKAGES } from './packages.ts';
import type { Plan, StoredPlan } from './plan.ts';
import { readPlan } from './plan.ts';
import { PLANNERS, planGke, planLocal } from './plans.ts';
import { PRICE_LIST, picoUsd, priceTable } from './prices.ts';
import {
  billLines,
  costBetween,
  costNanoUsd,
  missingPrices,
  ratePerHour,
  together,
  unboundedPrices,
  upperBoundNanoUsd,
} from './pricing.ts';
import { shadowStorage, storageCost, storageRate, storageSizeGb, storageUpperBound } from './storage-pricing.ts';
import { a100, cloudRun, given, gke, input, l4, must, workstation } from '../../test/support/plan-examples.ts';

const table = priceTable();
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const PLANNED: readonly Plan[] = PACKAGES.flatMap(({ cpu_millis, memory_mb, gpu }) =>
  Object.values(PLANNERS).flatMap((planner) => {
    const plan = planner(input(cpu_millis, memory_mb, gpu));
    return plan.ok ? [plan] : [];
  }),
);
const PLANS: readonly Plan[] = [...PLANNED, ...PLANNED.map((plan) => given(plan, 'spot'))];

describe('the price table', () => {
  it('says source, date and confidence of every row, once per item and region', () => {
    for (const row of PRICE_LIST.rows) {
      expect(row.source?.length).toBeGreaterThan(3);
      expect(row.as_of).toMatch(/^20\d\d/);
      expect(row.confidence).toMatch(row.usd === null ? /^none$/ : /^(high|medium|low)$/);
    }
    expect(new Set(PRICE_LIST.rows.map(({ item, region }) => `${item} ${region}`)).size).toBe(PRICE_LIST.rows.length);
  });

  it('reads prices exactly', () => {
    for (const row of PRICE_LIST.rows) {
      const price = table.get(row.item);
      if (row.usd === null) expect(price).toBeNull();
      else expect(Number(price?.pico_usd) / 1e12).toBe(row.usd);
    }
    const written = ['0', '1e-12', '0.0445', '9.796550569', '123456.789', '1e3'].map((usd) => picoUsd(Number(usd)));
    expect(written).toEqual([
      0n,
      1n,
      44_500_000_000n,
      9_796_550_569_000n,
      123_456_789_000_000_000n,
      1_000_000_000_000_000n,
    ]);
    expect([picoUsd(1e-13), picoUsd(0.1 + 0.2)]).toEqual([null, null]);
  });

  it('states for every missing price a bound with its reason, or none', () => {
    const missing = PRICE_LIST.rows.filter(({ usd: price }) => price === null);
    const unbounded = missing.filter(({ bound }) => bound === undefined).map(({ item }) => item);
    expect(unbounded).toEqual(['workstations.management-fee']);
    for (const row of missing.filter(({ bound }) => bound !== undefined)) {
      expect(table.bound(row.item)).toEqual(
        row.item.includes('spot')
          ? { name: 'on-demand', of: 'on_demand', ppm: 1_000_000 }
          : { name: 'autopilot-gpu-premium', of: 'node', ppm: 200_000 },
      );
    }
    expect(PRICE_LIST.rows.filter((row) => row.usd !== null && row.bound !== undefined)).toEqual([]);
    for (const bound of Object.values(PRICE_LIST.bounds ?? {}))
      expect(bound).toMatchObject({ reason: expect.stringMatching(/\w/), source: expect.stringMatching(/\w/) });
  });

  it('has a row, with or without a price, for whatever a plan is billed by, and no row besides', () => {
    const rows = new Set(PRICE_LIST.rows.map(({ item }) => item));
    const used = new Set(PLANS.flatMap((plan) => billLines(plan).map(({ item }) => item)));
    for (const item of used) expect(rows).toContain(item);
    const gpus = ['t4', 'l4', 'a100', 'h100', 'v100'].flatMap((type) =>
      [1, 8].flatMap((count) =>
        Object.values(PLANNERS).flatMap((planner) => {
          const plan = planner(input(1000, 2048, { type, count }));
          return plan.ok ? [plan, given(plan, 'spot')].flatMap(billLines).map(({ item }) => item) : [];
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

  it('a g2-standard-8 with an L4 is its node at $0.853608 an hour, and 12 % of premium by GPU, vCPU and GiB', () => {
    expect(l4.machine_type).toBe('g2-standard-8');
    const node = nanoUsd(8 * 0.024988) + nanoUsd(32 * 0.002927) + nanoUsd(0.56004);
    const premium = nanoUsd(0.067) + nanoUsd(8 * 0.003) + nanoUsd(32 * 0.00035);
    expect([node, premium]).toEqual([853_608_000, 102_200_000]);
    expect(costNanoUsd(l4, 0, HOUR, table)).toBe(955_808_000);
    expect(ratePerHour(l4, table)).toMatchObject({ gpu: nanoUsd(0.56004) + premium, total: 955_808_000 });
    expect(missingPrices(l4, table)).toEqual([]);
    expect(costBetween(l4, 0, HOUR, table)).toEqual({ at_least: 955_808_000, at_most: 955_808_000 });
  });

  it('the premium of the whole node is billed, however small the session', () => {
    const small = must(planGke(input(500, 1024, { type: 'l4', count: 8 })));
    expect(small.machine_type).toBe('g2-standard-96');
    expect(billLines(small).filter(({ item }) => item.includes('premium'))).toEqual([
      { component: 'gpu', item: 'gke.autopilot.gpu-premium.l4', amount: 8, per: 1 },
      { component: 'gpu', item: 'gke.autopilot.gpu-premium.l4.cpu', amount: 96_000, per: 1000 },
      { component: 'gpu', item: 'gke.autopilot.gpu-premium.l4.memory', amount: 384 * 1024, per: 1024 },
    ]);
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
    expect(missingPrices(workstation, table)).toEqual(['workstations.management-fee']);
    expect(ratePerHour(workstation, table)).toMatchObject({ cpu: null, total: null, memory: nanoUsd(0.02338824) });
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

describe('a price that is missing', () => {
  const node = nanoUsd(0.73948 + 2.933908);

  it('of an A100’s premium costs a fifth of the node at most, once for its three rows', () => {
    expect(costBetween(a100, 0, HOUR, table)).toEqual({ at_least: node, at_most: node * 1.2 });
    expect(unboundedPrices(a100, table)).toEqual([]);
    const eight = must(planGke(input(4000, 16_384, { type: 'a100', count: 8 })));
    expect(costBetween(eight, 0, HOUR, table)).toEqual({ at_least: 8 * node, at_most: 8 * node * 1.2 });
  });

  it('has no bound where none is stated, or where the node has no price', () => {
    expect(unboundedPrices(workstation, table)).toEqual(['workstations.management-fee']);
    expect(costBetween(workstation, 0, HOUR, table).at_most).toBeNull();
    expect(unboundedPrices({ ...a100, machine_type: 'a9-tiny' }, table)).toEqual(['gce.a9-tiny']);
    expect(unboundedPrices(a100, priceTable('europe-west4'))).toContain('gke.autopilot.gpu-premium.a100');
    expect(unboundedPrices({ ...gke, shape: 'moon' }, table)).toEqual(['shape.moon']);
  });

  const priced = fc.constantFrom(...PLANS.filter((each) => costBetween(each, 0, 1, table).at_most !== null));

  it('leaves at_least and at_most exact over adjoining intervals, and a reservation above both', () => {
    fc.assert(
      fc.property(priced, fc.array(fc.nat(40 * DAY), { minLength: 1, maxLength: 8 }), (shape, times) => {
        const cuts = [0, ...times.toSorted((a, b) => a - b)];
        const pieces = cuts.slice(1).map((to, i) => costBetween(shape, cuts[i] ?? 0, to, table));
        expect(together(pieces)).toEqual(costBetween(shape, 0, cuts.at(-1) ?? 0, table));
        for (const [i, piece] of pieces.entries()) {
          const from = cuts[i] ?? 0;
          const bound = upperBoundNanoUsd(shape, (cuts[i + 1] ?? 0) - from, from === 0, table);
          expect(piece.at_most).toBeGreaterThanOrEqual(piece.at_least);
          expect(bound).toBeGreaterThanOrEqual(piece.at_most ?? Number.NaN);
        }
      }),
    );
  });
});

describe('the plan of a document', () => {
  /** As the release before `disk_mb` wrote it. */
  const old = (details: Record<string, unknown>): StoredPlan => {
    const { disk_mb: _, ...rest } = gke;
    return { ...rest, details };
  };

  it('of an earlier release costs what it cost', () => {
    const ephemeral = (gib: number): number => gib * 70_600 * 720;
    const known = nanoUsd(0.0445) * 720 + nanoUsd(0.009845) * 720;
    const costOf = (plan: StoredPlan): number => costNanoUsd(readPlan(plan), 0, 30 * DAY, table);
    expect(costOf(old({ ephemeral_storage_mb: 10_240 }))).toBe(known + ephemeral(10));
    expect(costOf(old({}))).toBe(known + ephemeral(1));
    expect(costOf(old({ ephemeral_storage_mb: 'large' }))).toBe(known + ephemeral(1));
    expect(readPlan(old({ ephemeral_storage_mb: 2048.4 })).disk_mb).toBe(2048);
  });

  it('of this release is as it was written', () => {
    expect(readPlan(gke)).toEqual(gke);
    expect(readPlan({ ...gke, disk_mb: 0, details: { ephemeral_storage_mb: 9 } }).disk_mb).toBe(0);
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
      price_table: PRICE_LIST.version,
      price_list: 'onmemos',
      plan: { shape: 'gke', cpu_millis: 1000, disk_mb: 1024 },
    });
    const whole = costNanoUsd(gke, 0, 2 * HOUR, table) + storageCost(volume, 0, 2 * HOUR, table).total;
    expect(answer.estimated_total_cost).toBe(usd(whole));
    expect([answer.at_least_estimated_total_cost, answer.at_most_estimated_total_cost]).toEqual([
      usd(whole),
      usd(whole),
    ]);
    const perHour = answer.total_cost_per_hour;
    expect([answer.at_least_total_cost_per_hour, answer.at_most_total_cost_per_hour]).toEqual([perHour, perHour]);
    expect(answer.storage_cost_per_hour).toBeCloseTo(0.0000706 + 1 / 720, 8);
  });

  it('says what is missing instead of a number', () => {
    const plan = must(planGke(input(1000, 4096, { type: 't4', count: 1 })));
    const answer = estimate(plan, [], 60, table);
    expect(answer).toMatchObject({ gpu_cost_per_hour: null, total_cost_per_hour: null, estimated_total_cost: null });
    expect(answer.missing_prices).toEqual([
      'gke.autopilot.gpu-premium.t4',
      'gke.autopilot.gpu-premium.t4.cpu',
      'gke.autopilot.gpu-premium.t4.memory',
    ]);
    expect(answer.cpu_cost_per_hour).toBeCloseTo(4 * 0.031611, 9);
  });

  it('says what it is at least, and at most where the missing prices have a bound', () => {
    const node = 0.73948 + 2.933908;
    const answer = estimate(a100, [{ kind: 'volume', provider: 'gke', size_gb: 720 }], 120, table);
    expect(answer).toMatchObject({
      at_least_total_cost_per_hour: usd(nanoUsd(node + 0.1)),
      at_most_total_cost_per_hour: usd(nanoUsd(node * 1.2 + 0.1)),
      at_least_estimated_total_cost: usd(nanoUsd(2 * node + 0.2)),
      at_most_estimated_total_cost: usd(nanoUsd(2 * node * 1.2 + 0.2)),
    });
    expect(estimate(workstation, [], 60, table)).toMatchObject({
      total_cost_per_hour: null,
      at_least_total_cost_per_hour: usd(nanoUsd(2 * 0.02181159 + 8 * 0.00292353)),
      at_most_total_cost_per_hour: null,
      at_most_estimated_total_cost: null,
    });
  });

  it('holds the minimum', () => {
    expect(estimate(cloudRun, [], 1, table).estimated_total_cost).toBe(usd(costNanoUsd(cloudRun, 0, 60_000, table)));
  });
});
