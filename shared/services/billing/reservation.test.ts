import { beforeAll, expect, it } from 'vitest';
import { openIdeal } from '../../../test/simulation/world/ideal.ts';
import { planOn } from '#domain/plans.ts';
import { epochMs, iso } from '#ports/clock.ts';
import type { Plan } from '#ports/compute.ts';
import { systemCall } from '../kernel/call.ts';
import { sessions } from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';
import { createSession } from '../sessions/create/create.ts';
import { remainingReservation } from './reservation.ts';

const START = Date.parse('2026-03-16T10:20:00.000Z');
const MINUTE_MS = 60_000;

const world = openIdeal(START);
/** dev_small on GKE for an hour, created and not running: 22 250 000 + 4 922 500 + 706 000 nano-USD an hour. */
let created: SessionDoc;

beforeAll(async () => {
  const asked = { user: 'ann', provider: 'gke', resource_package: 'dev_small', ttl_minutes: 60 } as const;
  await createSession(world.deps, systemCall('test'), asked);
  [created] = world.documents.all(sessions) as [SessionDoc];
});

const reserved = (change: Partial<SessionDoc>, expires_at?: string) => {
  const session = { ...created, ...change };
  return remainingReservation(world.deps, session, epochMs(expires_at ?? session.expires_at));
};

it('counts from the creation to a minute past the end, each price rounded up', () => {
  expect(reserved({})).toEqual({ '2026-03': 22_620_834 + 5_004_542 + 717_767 });
});

it('counts from the start once it runs', () => {
  const start = iso(START + 5 * MINUTE_MS);
  // 56 minutes.
  expect(reserved({ started_at: start, metered_until: start })).toEqual({
    '2026-03': 20_766_667 + 4_594_334 + 658_934,
  });
});

it('counts from where it is billed up to', () => {
  const billed = { started_at: iso(START), metered_until: iso(START + 30 * MINUTE_MS) };
  // 31 minutes.
  expect(reserved(billed)).toEqual({ '2026-03': 11_495_834 + 2_543_292 + 364_767 });
});

it('counts to the end that is asked for, not to the one on record', () => {
  const billed = { started_at: iso(START), metered_until: iso(START + 30 * MINUTE_MS) };
  expect(reserved(billed, iso(START + 59 * MINUTE_MS))).toEqual({ '2026-03': 11_125_000 + 2_461_250 + 353_000 });
});

it('is nothing past the end', () => {
  expect(reserved({ started_at: iso(START), metered_until: iso(START + 61 * MINUTE_MS) })).toEqual({});
});

it('gives the month before a minute more, until some of the run is billed', () => {
  const metered_until = '2026-03-31T23:59:50.000Z';
  const end = '2026-04-01T00:29:00.000Z';
  const april = { '2026-04': 11_125_000 + 2_461_250 + 353_000 };
  // 70 seconds: its provider’s clock may see the start a minute earlier.
  const unbilled = { '2026-03': 432_639 + 95_716 + 13_728, ...april };
  expect(reserved({ started_at: metered_until, metered_until }, end)).toEqual(unbilled);
  // 10 seconds.
  const billed = { '2026-03': 61_806 + 13_674 + 1_962, ...april };
  expect(reserved({ started_at: iso(START), metered_until }, end)).toEqual(billed);
});

it('counts the provider’s minimum until some of the run is billed', () => {
  // On Cloud Run 1 vCPU and 1 GiB cost 20 000 nano-USD a second, and a minute is billed at least.
  const bill = planOn('cloud_run', created.spec) as Plan;
  const [start, later] = [iso(START), iso(START + MINUTE_MS)];
  const end = iso(START - 30_000);
  expect(reserved({ bill, started_at: start, metered_until: start }, end)).toEqual({ '2026-03': 1_200_000 });
  expect(reserved({ bill, started_at: start, metered_until: later }, start)).toEqual({});
  const half = iso(START + 30_000);
  expect(reserved({ bill, started_at: start, metered_until: half }, start)).toEqual({ '2026-03': 600_000 });
});
