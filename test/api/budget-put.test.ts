import { afterAll, beforeAll, expect, it } from 'vitest';
import { clientOf } from './support/client.ts';
import { apiOver, openWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

it('a budget that comes after its sessions reserves what they can still cost, and gives it back at their end', async () => {
  const { deps } = world.platform;
  const priced = { ...deps, settings: { ...deps.settings, shadow_provider: 'gke' } } as const;
  const call = clientOf(apiOver(world.platform, { deps: priced }), world.keys.admin);
  const budget = async () =>
    (
      (await call('/v1/users/saver/entitlements')).json as {
        budget: { spent_usd: number; reserved_usd: number } | null;
      }
    ).budget;
  const create = () => call('/v1/sessions?wait=60', { body: { user: 'saver', template: 'alpine', ttl_minutes: 60 } });
  const first = (await create()).json as { id: string; status: string };
  expect(first.status).toBe('running');
  const { estimated_total_cost: whole } = (await call(`/v1/sessions/${first.id}/cost`)).json as {
    estimated_total_cost: number;
  };
  expect(whole).toBeGreaterThan(0);
  // Room for one, and not for two.
  await call('/v1/users/saver', { method: 'PUT', body: { monthly_budget_usd: whole * 1.5 } });
  expect((await budget())?.reserved_usd).toBeGreaterThanOrEqual(whole);
  expect((await create()).json).toMatchObject({ code: 'budget_exceeded' });
  await call('/v1/users/saver', { method: 'PUT', body: { monthly_budget_usd: whole * 1.6 } });
  expect((await budget())?.reserved_usd).toBeLessThan(whole * 1.5);
  await call(`/v1/sessions/${first.id}`, { method: 'DELETE' });
  expect(await budget()).toMatchObject({ reserved_usd: 0 });
});

it.each([
  [0, 200],
  [1e-9, 200],
  [1e-13, 422],
])(
  'a budget of %d USD is answered %i: what is too small to be counted is not taken for nothing',
  async (usd, status) => {
    const call = clientOf(apiOver(world.platform), world.keys.admin);
    const answer = await call('/v1/users/small', { method: 'PUT', body: { monthly_budget_usd: usd } });
    expect(answer.status).toBe(status);
    if (status === 422) expect(answer.json).toMatchObject({ errors: [{ field: 'monthly_budget_usd' }] });
    else expect(answer.json).toMatchObject({ monthly_budget_usd: usd });
  },
);
