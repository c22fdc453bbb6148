import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planOn } from '#domain/plans.ts';
import { readPriceFile } from '#domain/price-file.ts';
import { priceTable } from '#domain/prices.ts';
import { iso } from '#ports/clock.ts';
import { computesOf, LOCAL_NAMES } from '#wiring/providers.ts';
import { ledger, sessions } from '#services/model/collections.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { clientOf } from './support/client.ts';
import { apiOver, openWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

/** The API as a deployment on GKE prices it: sandboxes of this machine, billed as if they ran there. */
const gke = (changes: (deps: Deps) => Partial<Deps> = () => ({})) => {
  const { deps } = world.platform;
  const priced: Deps = { ...deps, settings: { ...deps.settings, shadow_provider: 'gke' } };
  const call = clientOf(apiOver(world.platform, { deps: { ...priced, ...changes(priced) } }), world.keys.admin);
  return async <T>(path: string, body?: unknown, method?: string): Promise<T> =>
    (await call(path, { ...(body === undefined ? {} : { body }), ...(method === undefined ? {} : { method }) }))
      .json as T;
};

interface Made {
  readonly id: string;
  readonly code?: string;
  readonly detail?: string;
}
interface Entitled {
  readonly budget: {
    readonly spent_usd: number;
    readonly unpriced_at_most_usd: number;
    readonly reserved_usd: number;
  };
}

const A100 = { user: 'gail', resource_package: 'ml_a100_small', ttl_minutes: 59 };
/** Of an a2-highgpu-1g, dollars an hour. */
const NODE = 3.673388;
const PREMIUM = ['', '.cpu', '.memory'].map((line) => `gke.autopilot.gpu-premium.a100${line}`);

describe('an estimate', () => {
  it('of an L4 on GKE has a total, with the three lines of the premium', async () => {
    const l4 = {
      user: 'gail',
      resource_spec: { custom_cpu_request: '4', custom_memory_request: '16Gi' },
      gpu_type: 'l4',
    };
    expect(await gke()('/v1/sessions/estimate', { ...l4, ttl_minutes: 120 })).toMatchObject({
      plan: { shape: 'gke_gpu', machine_type: 'g2-standard-8' },
      cpu_cost_per_hour: 0.199904,
      memory_cost_per_hour: 0.093664,
      gpu_cost_per_hour: 0.66224,
      total_cost_per_hour: 0.955808,
      at_least_total_cost_per_hour: 0.955808,
      at_most_total_cost_per_hour: 0.955808,
      estimated_total_cost: 1.911616,
      at_least_estimated_total_cost: 1.911616,
      at_most_estimated_total_cost: 1.911616,
      missing_prices: [],
      price_list: 'onmemos',
    });
  });

  it('of an A100 has no total, and says what it is at least and at most', async () => {
    expect(await gke()('/v1/sessions/estimate', { ...A100, ttl_minutes: 60 })).toMatchObject({
      total_cost_per_hour: null,
      at_least_total_cost_per_hour: NODE,
      at_most_total_cost_per_hour: 4.4080656,
      estimated_total_cost: null,
      at_least_estimated_total_cost: NODE,
      at_most_estimated_total_cost: 4.4080656,
      missing_prices: PREMIUM,
    });
  });
});

describe('a budget that refuses', () => {
  it('reserves the upper bound, and the ledger bills the known part and says so', async () => {
    const call = gke();
    const put = (monthly_budget_usd: number) => call('/v1/users/gail', { monthly_budget_usd }, 'PUT');
    await put(4.4);
    const refused = await call<Made>('/v1/sessions', A100);
    expect(refused).toMatchObject({ code: 'budget_exceeded', detail: expect.stringMatching(/this needs \$4\.41/) });
    await put(4.5);
    const { id } = await call<Made>('/v1/sessions?wait=60', A100);
    const reserved = (await call<Entitled>('/v1/users/gail/entitlements')).budget.reserved_usd;
    // 59 minutes and the minute past the end; the meter has moved a little of it.
    expect(reserved).toBeGreaterThan(NODE);
    expect(reserved).toBeLessThanOrEqual(4.4080656 + 1e-8);

    const cost = await call<Record<string, number | null>>(`/v1/sessions/${id}/cost`);
    expect(cost).toMatchObject({
      cost_so_far: null,
      cost_per_hour: null,
      at_least_cost_per_hour: NODE,
      at_most_cost_per_hour: 4.4080656,
      estimated_total_cost: null,
      missing_prices: PREMIUM,
      price_list: 'onmemos',
    });
    const of = (name: string) => cost[name] ?? Number.NaN;
    expect(of('at_most_cost_so_far')).toBeCloseTo(of('at_least_cost_so_far') * 1.2, 7);
    expect(of('at_most_estimated_total_cost')).toBeCloseTo(of('at_least_estimated_total_cost') * 1.2, 7);

    await call(`/v1/sessions/${id}`, undefined, 'DELETE');
    const { budget } = await call<Entitled>('/v1/users/gail/entitlements');
    const ended = await call<{ billed: number; cost_so_far: null; at_least_cost_so_far: number }>(
      `/v1/sessions/${id}/cost`,
    );
    expect(ended).toMatchObject({ cost_so_far: null, at_least_cost_so_far: ended.billed });
    expect(budget).toMatchObject({ spent_usd: ended.billed, reserved_usd: 0 });
    expect(ended.billed).toBeGreaterThan(0);
    // The premium is at most a fifth of the node, and counts against the budget of the month.
    expect(budget.unpriced_at_most_usd).toBeCloseTo(ended.billed * 0.2, 8);
    const { docs } = await world.platform.deps.store.query(ledger, {
      where: { owner: 'gail' },
      order: { field: 'from', direction: 'asc' },
      limit: 100,
    });
    expect(docs.map(({ data }) => [data.price_list, data.missing_prices])).toEqual(
      docs.map(() => ['onmemos', PREMIUM]),
    );
    expect(await call('/v1/costs?user=gail')).toMatchObject({
      total: ended.billed,
      missing_prices: PREMIUM.toSorted(),
      price_list: 'onmemos',
    });
  });

  it('refuses what has a price without a bound, by its name', async () => {
    const workstations = gke(({ computes, settings }) => {
      const [compute] = computes.all;
      if (!compute) throw new Error('the platform has no compute');
      const { driver, capabilities } = compute;
      const planner = {
        ...compute,
        driver,
        capabilities,
        plan: (spec: Parameters<typeof compute.plan>[0]) => planOn('workstations', spec),
      };
      return {
        computes: computesOf([{ compute: planner, names: LOCAL_NAMES }]),
        settings: { ...settings, shadow_provider: null },
      };
    });
    const body = { user: 'wanda', resource_package: 'dev_micro' };
    await workstations('/v1/users/wanda', { monthly_budget_usd: 1000 }, 'PUT');
    expect(await workstations('/v1/sessions', body)).toMatchObject({
      code: 'budget_exceeded',
      status: 409,
      detail: expect.stringContaining('neither a price nor an upper bound for workstations.management-fee'),
    });
    expect(await workstations('/v1/sessions/estimate', { ...body, ttl_minutes: 60 })).toMatchObject({
      total_cost_per_hour: null,
      at_most_total_cost_per_hour: null,
      at_most_estimated_total_cost: null,
      missing_prices: ['workstations.management-fee'],
    });
  });
});

it('what the ledger has is not priced again: the rest of a session costs what the prices are now', async () => {
  const { store, clock } = world.platform.deps;
  const { id } = await gke()<Made>('/v1/sessions?wait=60', { user: 'mona', resource_package: 'dev_medium' });
  const doc = await store.get(sessions, id);
  if (!doc) throw new Error('the session that was made is not there');
  const hour = 3_600_000;
  const now = clock.now();
  await store.put(sessions, id, {
    ...doc.data,
    started_at: iso(now - 2 * hour),
    metered_until: iso(now - hour),
    expires_at: iso(now + hour),
    segments: 1,
    billed_nano: 7_000_000_000,
  });
  const rate = 0.0445 + 2 * 0.0049225 + 10 * 0.0000706;
  const cost = await gke()<Record<string, number>>(`/v1/sessions/${id}/cost`);
  expect(cost).toMatchObject({ billed: 7, billed_seconds: 3600, cost_per_hour: Number(rate.toFixed(9)) });
  expect(cost['estimated_total_cost']).toBeCloseTo(7 + 2 * rate, 7);
  expect(cost['cost_so_far']).toBeGreaterThanOrEqual(7 + rate);
  expect(cost['cost_so_far']).toBeLessThan(7 + 1.5 * rate);
});

it('prices of the server’s own are in every answer that has prices, by their name', async () => {
  const read = readPriceFile(
    JSON.stringify({
      name: 'ours',
      currency: 'USD',
      rows: [
        { item: 'gke.autopilot.cpu', unit: 'vCPU-hour', usd: 0.04 },
        { item: 'pd.balanced', unit: 'GiB-month', usd: 0.2 },
      ],
    }),
    'us-central1',
  );
  if (!read.ok) throw new Error(read.problems.join(' '));
  const prices = priceTable('us-central1', read.file);
  const call = gke(({ settings }) => ({ settings: { ...settings, prices } }));
  expect(await call('/v1/sessions/estimate', { user: 'alice', resource_package: 'dev_medium' })).toMatchObject({
    cpu_cost_per_hour: 0.04,
    price_list: 'ours',
    price_table: prices.version,
  });
  const withVolume = { user: 'alice', request_persistent_storage: true, persistent_storage_size_gb: 100 };
  const { warnings } = await call<{ warnings: string[] }>('/v1/sessions/estimate', withVolume);
  // 100 GiB at $0.20 a month, from whenever this runs to the month's end.
  expect(warnings.join(' ')).toMatch(
    /billed until it is deleted: up to \$(1?\d|20)\.\d\d\d* from now to the end of this month/,
  );
  expect(await call('/v1/packages?limit=1')).toMatchObject({ items: [{ price_list: 'ours' }] });
  expect(await call('/v1/workspaces/alice/ws/volumes/default')).toMatchObject({ price_list: 'ours' });
  expect(await call(`/v1/sessions/${world.session}/cost`)).toMatchObject({ price_list: 'ours' });
  expect(await call('/v1/costs?user=alice')).toMatchObject({ price_list: 'ours', missing_prices: [] });
});
