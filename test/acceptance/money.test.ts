import { describe, expect, it } from 'vitest';
import { type Api, type Json, ok, type ProblemBody, refused } from './support/api.ts';
import type { Cost, Costs, Entitlements, Session } from './support/shapes.ts';
import { targets } from './support/target.ts';
import { until } from './support/until.ts';
import { person, running, shell, workspace } from './support/world.ts';

interface Estimate {
  readonly provider: string;
  readonly total_cost_per_hour: number | null;
  readonly at_least_total_cost_per_hour: number;
  readonly at_most_total_cost_per_hour: number | null;
  readonly estimated_total_cost: number | null;
  readonly at_least_estimated_total_cost: number;
  readonly at_most_estimated_total_cost: number | null;
  readonly price_list: string;
  readonly cpu_cost_per_hour: number | null;
  readonly memory_cost_per_hour: number | null;
  readonly gpu_cost_per_hour: number | null;
  readonly storage_cost_per_hour: number | null;
  readonly currency: string;
  readonly region: string;
  readonly missing_prices: readonly string[];
  readonly warnings: readonly string[];
  readonly providers?: readonly (Estimate & { readonly refusal?: unknown })[];
}

const NANO = 9;
const round = (usd: number): number => Number(usd.toFixed(NANO));

describe.each(targets)('money on %s', (_name, admin) => {
  const estimate = async (api: Api, body: Json) => ok(await api.post<Estimate>('/v1/sessions/estimate', body));
  /** Dollars per hour of the smallest package; 0 where sessions cost nothing here. */
  const rate = async () => {
    const owner = await person(admin);
    return (await estimate(owner.api, { resource_package: 'dev_micro' })).total_cost_per_hour ?? 0;
  };

  it('is estimated before a create, in parts that add up', async () => {
    const owner = await person(admin);
    const before = await estimate(owner.api, { resource_package: 'dev_medium', ttl_minutes: 120, provider: 'gke' });
    expect(before).toMatchObject({ currency: 'USD', region: expect.any(String), plan: expect.any(Object) });
    const parts = [
      before.cpu_cost_per_hour,
      before.memory_cost_per_hour,
      before.gpu_cost_per_hour,
      before.storage_cost_per_hour,
    ];
    expect(round(parts.reduce<number>((sum, part) => sum + (part ?? Number.NaN), 0))).toBe(before.total_cost_per_hour);
    expect(before.estimated_total_cost).toBeCloseTo((before.total_cost_per_hour ?? Number.NaN) * 2, 8);
    refused(await owner.api.post('/v1/sessions/estimate', { ttl_minutes: 0 }), 'invalid');
    expect(ok(await owner.api.get<Entitlements>(`/v1/users/${owner.id}/entitlements`)).concurrent_sessions.used).toBe(
      0,
    );
  });

  it('is estimated for each provider where any will do, with what each one rounds or refuses', async () => {
    const owner = await person(admin);
    const { providers = [] } = await estimate(owner.api, {
      provider: 'auto',
      resource_spec: { custom_cpu_request: '1500m', custom_memory_request: '3Gi' },
    });
    const named = new Map(providers.map((each) => [each.provider, each]));
    expect([...named.keys()]).toEqual(expect.arrayContaining(['gke', 'cloud_run', 'workstations']));
    expect(named.get('gke')?.total_cost_per_hour).toBeGreaterThan(0);
    expect(JSON.stringify(named.get('cloud_run'))).toMatch(/2000/);
    for (const each of providers) {
      if (each.missing_prices === undefined) continue;
      const perHour = [each.at_least_total_cost_per_hour, each.at_most_total_cost_per_hour];
      const whole = [each.at_least_estimated_total_cost, each.at_most_estimated_total_cost];
      expect(each.price_list).toMatch(/\w/);
      if (each.missing_prices.length === 0) {
        expect(perHour).toEqual([each.total_cost_per_hour, each.total_cost_per_hour]);
        expect(whole).toEqual([each.estimated_total_cost, each.estimated_total_cost]);
        continue;
      }
      expect([each.total_cost_per_hour, each.estimated_total_cost]).toEqual([null, null]);
      for (const [least, most] of [perHour, whole]) {
        expect(least).toBeGreaterThan(0);
        if (most !== null) expect(most).toBeGreaterThan(least ?? Number.NaN);
      }
    }
  });

  it('is known while a session runs, and its ledger ends at rate times seconds', async () => {
    const owner = await person(admin);
    const ws = await workspace(owner.api, owner.id);
    const session = await running(owner.api, { workspace_id: ws, resource_package: 'dev_medium' });
    const at = `/v1/sessions/${session.id}`;
    await shell(owner.api, session, 'sleep 1');
    const live = ok(await owner.api.get<Cost>(`${at}/cost`));
    expect(live).toMatchObject({ session_id: session.id, status: 'running', currency: 'USD', missing_prices: [] });
    const perHour = live.cost_per_hour ?? Number.NaN;
    expect(perHour).toBe(
      (await estimate(owner.api, { workspace_id: ws, resource_package: 'dev_medium' })).total_cost_per_hour,
    );
    if (perHour > 0) expect(live.cost_so_far).toBeGreaterThan(0);
    expect(live.cost_so_far).toBeLessThanOrEqual(live.estimated_total_cost ?? Number.NaN);
    const end = ok(await owner.api.del<Session>(at));
    const seconds = (Date.parse(end.ended_at ?? '') - Date.parse(end.started_at ?? '')) / 1000;
    const final = await until('its ledger is closed', async () => {
      const now = ok(await owner.api.get<Cost>(`${at}/cost`));
      return now.billed_seconds >= seconds && now;
    });
    expect(final.billed_seconds).toBe(seconds);
    expect(final.cost_so_far).toBe(final.billed);
    expect(final.billed).toBeCloseTo((perHour * seconds) / 3600, 8);
    const report = async (query: string) => ok(await owner.api.get<Costs>(`/v1/costs?workspace_id=${ws}${query}`));
    expect((await report('')).total).toBe(final.billed);
    expect(await report('&group_by=session')).toMatchObject({
      total: final.billed,
      truncated: false,
      groups: [{ key: session.id, cost: final.billed, seconds }],
    });
    ok(await owner.api.del(`/v1/workspaces/${owner.id}/${ws}?force=true`));
  });

  it('is reported in every grouping with the same sum', async () => {
    const owner = await person(admin);
    const ws = await workspace(owner.api, owner.id);
    for (let i = 0; i < 3; i++) {
      const { id } = await running(owner.api, { workspace_id: ws, namespace: `n${i}` });
      ok(await owner.api.del(`/v1/sessions/${id}`));
    }
    const get = async (query: string) => ok(await owner.api.get<Costs>(`/v1/costs?${query}`));
    await until('three sessions are billed', async () => (await get('group_by=session')).groups.length === 3);
    const { total } = await get('');
    for (const group of ['user', 'workspace', 'session', 'provider', 'kind', 'day', 'month']) {
      const report = await get(`group_by=${group}`);
      expect(report.total, group).toBe(total);
      expect(round(report.groups.reduce((sum, { cost }) => sum + cost, 0)), group).toBe(round(total));
    }
    expect((await get('group_by=workspace')).groups.map(({ key }) => key)).toEqual([`${owner.id}/${ws}`]);
    expect((await get('from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z')).total).toBe(0);
    expect(ok(await admin.get<Costs>(`/v1/costs?user=${owner.id}`)).total).toBe(total);
    refused(await owner.api.get('/v1/costs?group_by=mood'), 'invalid');
    refused(await owner.api.get('/v1/costs?from=yesterday'), 'invalid');
    refused(await owner.api.get('/v1/costs?from=2021-01-01T00:00:00Z&to=2020-01-01T00:00:00Z'), 'invalid');
    const stranger = await person(admin);
    expect(ok(await stranger.api.get<Costs>('/v1/costs')).total).toBe(0);
    refused(await stranger.api.get(`/v1/costs?user=${owner.id}`), 'not_found');
  });

  it('never passes a budget that refuses, however many creates come at once', async ({ skip }) => {
    const perHour = await rate();
    if (perHour === 0)
      skip('sessions cost nothing on this server: a budget can not be reached (set ONMEMOS_SHADOW_PROVIDER)');
    // Room for forty and a half sessions of an hour, with the minute past their end that is reserved, too.
    const monthly_budget_usd = perHour * (61 / 60) * 40.5;
    const owner = await person(admin, 'enterprise', { monthly_budget_usd, budget_action: 'refuse' });
    const ws = await workspace(owner.api, owner.id);
    const answers = await Promise.all(
      Array.from({ length: 100 }, () =>
        owner.api.post<Session>('/v1/sessions', { workspace_id: ws, resource_package: 'dev_micro' }),
      ),
    );
    const codes = Map.groupBy(answers, ({ status, body }) =>
      status === 200 ? 'made' : (body as unknown as ProblemBody).code,
    );
    expect(Object.fromEntries([...codes].map(([code, { length }]) => [code, length]))).toEqual({
      made: 40,
      budget_exceeded: 60,
    });
    const budget = async () => {
      const found = ok(await owner.api.get<Entitlements>(`/v1/users/${owner.id}/entitlements`)).budget;
      return (found?.spent_usd ?? Number.NaN) + (found?.reserved_usd ?? Number.NaN);
    };
    expect(await budget()).toBeLessThanOrEqual(monthly_budget_usd);
    expect(await budget()).toBeGreaterThan(perHour * 39.9);
    const first = answers.find(({ status }) => status === 200)?.body;
    refused(await owner.api.patch(`/v1/sessions/${first?.id}`, { ttl_minutes: 120 }), 'budget_exceeded');
    ok(await owner.api.patch(`/v1/sessions/${first?.id}`, { ttl_minutes: 20 }));
    ok(await owner.api.del(`/v1/workspaces/${owner.id}/${ws}?force=true`));
    await until('what was reserved is given back', async () => (await budget()) < perHour / 3);
  });

  it('does not stop one without a price where no budget asks', async () => {
    const owner = await person(admin, 'enterprise', { monthly_budget_usd: 0, budget_action: 'refuse' });
    const perHour = await rate();
    const answer = await owner.api.post<Session>('/v1/sessions?wait=30', { resource_package: 'dev_micro' });
    if (perHour > 0) refused(answer, 'budget_exceeded');
    else expect(ok(answer).status).toBe('running');
    ok(await admin.put(`/v1/users/${owner.id}`, { monthly_budget_usd: null }));
    const free = ok(await owner.api.post<Session>('/v1/sessions', { resource_package: 'dev_micro' }));
    ok(await owner.api.del(`/v1/sessions/${free.id}`));
    ok(await admin.del(`/v1/workspaces/${owner.id}/default?force=true`));
  });

  it('names the overshoot where a budget ends sessions instead', async () => {
    const owner = await person(admin, 'pro', { monthly_budget_usd: 5, budget_action: 'terminate' });
    const { budget } = ok(await owner.api.get<Entitlements>(`/v1/users/${owner.id}/entitlements`));
    expect(budget).toMatchObject({
      monthly_budget_usd: 5,
      budget_action: 'terminate',
      spent_usd: 0,
      note: expect.stringMatching(/\d+ s/),
    });
  });

  it('counts storage on its own, session or not', async () => {
    const owner = await person(admin);
    const ws = await workspace(owner.api, owner.id);
    const session = await running(owner.api, {
      workspace_id: ws,
      request_persistent_storage: true,
      persistent_storage_size_gb: 100,
    });
    const volume = ok(
      await owner.api.get<{ cost_per_hour: number | null }>(`/v1/workspaces/${owner.id}/${ws}/volumes/default`),
    );
    ok(await owner.api.del(`/v1/sessions/${session.id}`));
    if ((await rate()) > 0) expect(volume.cost_per_hour).toBeGreaterThan(0);
    else expect(volume.cost_per_hour).toBe(0);
    ok(await owner.api.del(`/v1/workspaces/${owner.id}/${ws}?force=true`));
    const kinds = await until('it is billed', async () => {
      const { groups } = ok(await owner.api.get<Costs>('/v1/costs?group_by=kind'));
      return groups.some(({ key }) => key === 'storage') && groups;
    });
    const storage = kinds.find(({ key }) => key === 'storage');
    expect(storage?.seconds).toBeGreaterThan(0);
    expect(storage?.cost).toBeCloseTo(
      ((volume.cost_per_hour ?? Number.NaN) * (storage?.seconds ?? Number.NaN)) / 3600,
      8,
    );
  });
});
