import { expect, it } from 'vitest';
import { nanoUsd } from './money.ts';
import { PACKAGES } from './packages.ts';
import type { Plan } from './plan.ts';
import { PLANNERS, planGke, planLocal } from './plans.ts';
import { type PriceRow, priceTable } from './prices.ts';
import { billLines, costBetween, missingPrices, ratePerHour, unboundedPrices } from './pricing.ts';
import { a100, cloudRun, given, gke, input, l4, must, workstation } from '../../test/support/plan-examples.ts';

const table = priceTable();
const HOUR = 3_600_000;

const hour = (plan: Plan) => costBetween(plan, 0, HOUR, table);
const items = (plan: Plan) => billLines(plan).map(({ item }) => item);

it('is billed where it was given, part by part; what has no Spot price is missing, at most as on demand', () => {
  const spot = given(l4, 'spot');
  expect(hour(given(l4, 'on_demand'))).toEqual(hour(l4));
  expect(hour(spot)).toEqual({
    at_least: nanoUsd(0.2862),
    at_most: hour(l4).at_least - nanoUsd(0.56004) + nanoUsd(0.2862),
  });
  expect(missingPrices(spot, table)).toEqual([
    'gce.g2.core.spot',
    'gce.g2.ram.spot',
    ...['', '.cpu', '.memory'].map((line) => `gke.autopilot.spot.gpu-premium.l4${line}`),
  ]);
  expect(unboundedPrices(spot, table)).toEqual([]);
  expect(ratePerHour(spot, table)).toMatchObject({ cpu: null, memory: null, gpu: null, total: null });
});

it('of a pod has a price for its vCPUs, and bounds for its memory and disk', () => {
  const spot = given(gke, 'spot');
  const memory = nanoUsd(2 * 0.0049225);
  expect(hour(spot)).toEqual({ at_least: nanoUsd(0.0178), at_most: nanoUsd(0.0178) + memory + 70_600 });
  expect(missingPrices(spot, table)).toEqual(['gke.autopilot.spot.memory', 'gke.autopilot.spot.ephemeral']);
});

it('of an A100 has a node of known price, and a premium of at most a fifth of the node on demand', () => {
  const node = nanoUsd(0.36975 + 1.7603);
  const on_demand = nanoUsd(0.73948 + 2.933908);
  expect(hour(given(a100, 'spot'))).toEqual({ at_least: node, at_most: node + on_demand / 5 });
});

it('of the small H100 machines is their only form, and bounds their premium by the node on demand', () => {
  const one = must(planGke(input(4000, 16_384, { type: 'h100', count: 1 })));
  const node = nanoUsd(6.571);
  const on_demand = nanoUsd(1.18251 + 9.796550569);
  expect(items(one)[0]).toBe('gce.a3-highgpu-1g.spot');
  expect(hour(one)).toEqual({ at_least: node, at_most: node + Math.ceil(on_demand / 5) });
  // By the L4’s rates the premium is 12 % of the node on demand: more than a fifth of the Spot price.
  expect(on_demand * 0.12).toBeGreaterThan(node / 5);
  expect(hour(one).at_most).toBeGreaterThan(node + on_demand * 0.12);
  // Plans of an earlier release do not say it.
  expect(hour({ ...one, details: {} })).toEqual(hour(one));
  expect(hour(given(one, 'on_demand')).at_least).toBe(on_demand);
  const eight = must(planGke(input(4000, 16_384, { type: 'h100', count: 8 })));
  expect(hour(eight).at_least).toBe(8 * on_demand);
  expect(hour(given(eight, 'spot')).at_least).toBe(8 * node);
});

it('changes nothing for a provider that does not sell it', () => {
  for (const plan of [cloudRun, workstation, must(planLocal(input(1000, 1024)))])
    expect(billLines(given(plan, 'spot'))).toEqual(billLines(plan));
});

it('never costs more than on demand, by the bounds of both', () => {
  const plans = PACKAGES.flatMap(({ cpu_millis, memory_mb, gpu }) =>
    Object.values(PLANNERS).flatMap((planner) => {
      const plan = planner(input(cpu_millis, memory_mb, gpu));
      return plan.ok ? [plan] : [];
    }),
  );
  for (const plan of plans.filter((each) => hour(each).at_most !== null))
    expect(hour(given(plan, 'spot')).at_most).toBeLessThanOrEqual(hour(given(plan, 'on_demand')).at_most ?? 0);
});

it('is at most the on-demand price of its region where the table has no Spot row of it', () => {
  const row = (item: string, unit: string, usd: number) => ({ item, unit, usd, region: 'europe-west1' });
  const own = (rows: readonly PriceRow[]) => priceTable('europe-west1', { name: 'eu', currency: 'USD', rows });
  const cpu = row('gke.autopilot.cpu', 'vCPU-hour', 0.05);
  const memory = row('gke.autopilot.memory', 'GiB-hour', 0.006);
  const eu = own([cpu, memory, row('gke.autopilot.ephemeral', 'GiB-hour', 0.0001)]);
  const spot = given(gke, 'spot');
  expect(unboundedPrices(spot, eu)).toEqual([]);
  expect(costBetween(spot, 0, HOUR, eu)).toEqual({ at_least: 0, at_most: costBetween(gke, 0, HOUR, eu).at_least });
  expect(missingPrices(spot, eu)).toHaveLength(3);
  // Named alone is what has neither.
  expect(unboundedPrices(spot, own([cpu, memory]))).toEqual(['gke.autopilot.spot.ephemeral']);
});

it('has no bound where the same has no price on demand', () => {
  expect(unboundedPrices(given(gke, 'spot'), priceTable('europe-west4'))).toContain('gke.autopilot.spot.memory');
  expect(unboundedPrices(given({ ...l4, machine_type: 'g9-tiny' }, 'spot'), table)).toEqual(['gce.g9-tiny']);
});
