import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Budget, Months, Reservation } from './budget.ts';
import {
  decideBudget,
  monthIn,
  mustTerminate,
  RESERVED_PAST_END_MS,
  release,
  replaceReservation,
  reserves,
  sessionReservation,
  settle,
  storageReservation,
} from './budget.ts';
import { billForward, billToEnd, computeTariff, type Run } from './ledger.ts';
import { nanoUsd } from './money.ts';
import type { Plan } from './plan.ts';
import { planCloudRun, planGke, planLocal, planWorkstations } from './plans.ts';
import { priceTable } from './prices.ts';
import { costBetween, costNanoUsd } from './pricing.ts';

const table = priceTable();
const MINUTE = 60_000;
const input = {
  cpu_request_millis: 1000,
  cpu_limit_millis: 1000,
  memory_request_mb: 2048,
  memory_limit_mb: 2048,
  gpu: null,
};
const must = (plan: ReturnType<typeof planGke>): Plan => {
  if (!plan.ok) throw new Error(plan.message);
  return plan;
};
const gke = must(planGke(input));
const cloudRun = must(planCloudRun(input));
const local = must(planLocal(input));
/** Its premium is missing, and has an upper bound. */
const bounded = must(planGke({ ...input, gpu: { type: 't4', count: 1 } }));
const now = Date.UTC(2026, 10, 30, 23, 30);
const refuse = (dollars: number): Budget => ({ limit_nano: nanoUsd(dollars), action: 'refuse' });

const create = (budget: Budget, months: Months, plan: Plan, minutes: number, at = now) =>
  decideBudget({
    budget,
    months,
    now: at,
    held: {},
    wanted: sessionReservation({ plan, from: at, expires_at: at + minutes * MINUTE, billed: false, table }),
    plan,
    change: 'create',
    table,
  });

describe('a reservation', () => {
  it('reaches a minute past the end, and a minute before the start where a month ends in between', () => {
    const held = sessionReservation({ plan: gke, from: now, expires_at: now + 60 * MINUTE, billed: false, table });
    expect(Object.keys(held)).toEqual(['2026-11', '2026-12']);
    const half = costNanoUsd(gke, 0, 31 * MINUTE, table);
    expect(held['2026-11']).toBeGreaterThanOrEqual(half);
    expect(held['2026-11']).toBeLessThanOrEqual(half + 5);
    const within = sessionReservation({ plan: gke, from: now, expires_at: now + MINUTE, billed: false, table });
    expect(within['2026-11']).toBeLessThanOrEqual(costNanoUsd(gke, 0, 2 * MINUTE, table) + 5);
    const begun = sessionReservation({ plan: gke, from: now, expires_at: now + 60 * MINUTE, billed: true, table });
    expect(begun['2026-11']).toBeLessThanOrEqual(costNanoUsd(gke, 0, 30 * MINUTE, table) + 5);
    const after = sessionReservation({
      plan: gke,
      from: now + 30 * MINUTE,
      expires_at: now + 40 * MINUTE,
      billed: false,
      table,
    });
    expect(after['2026-11']).toBeGreaterThanOrEqual(costNanoUsd(gke, 0, MINUTE, table));
    expect(held['2026-12']).toBeGreaterThanOrEqual(costNanoUsd(gke, 0, 31 * MINUTE, table));
  });

  it('holds the provider’s minimum in each month it may start in', () => {
    const at = now + 30 * MINUTE - 1000;
    const held = sessionReservation({
      plan: cloudRun,
      from: at,
      expires_at: at - RESERVED_PAST_END_MS + 2000,
      billed: false,
      table,
    });
    const minute = costNanoUsd(cloudRun, 0, MINUTE, table);
    expect(held).toEqual({ '2026-11': costNanoUsd(cloudRun, 0, MINUTE + 1000, table), '2026-12': minute });
  });

  it('is nothing on a laptop', () => {
    expect(sessionReservation({ plan: local, from: now, expires_at: now + MINUTE, billed: false, table })).toEqual({});
  });
});

describe('refuse', () => {
  it('refuses the session that would pass the budget, and says why', () => {
    const first = create(refuse(0.1), {}, gke, 29);
    if (!first.ok) throw new Error(first.message);
    expect(monthIn(first.months, '2026-11').reserved).toBeGreaterThan(0);
    const second = create(refuse(0.03), first.months, gke, 29);
    expect(second).toMatchObject({ ok: false, code: 'budget_exceeded' });
    expect(second.ok ? '' : second.message).toMatch(
      /^The budget of \$0\.03 for 2026-11 is not enough: \$0\.00 is spent, \$0\.03 is reserved/,
    );
  });

  it('reserves the upper bound of a missing price, and spends the known part', () => {
    const a100 = must(planGke({ ...input, gpu: { type: 'a100', count: 1 } }));
    const node = nanoUsd(0.73948 + 2.933908);
    // Nine minutes and the minute past the end are a sixth of an hour.
    const most = Math.ceil((node * 1.2) / 6);
    const short = create(refuse((most - 5) / 1e9), {}, a100, 9);
    expect(short).toMatchObject({ ok: false, message: expect.stringContaining('this needs $0.73') });
    const made = create(refuse((most + 5) / 1e9), {}, a100, 9);
    const held = made.ok ? (made.reservation['2026-11'] ?? 0) : 0;
    expect(held).toBeGreaterThanOrEqual(most);
    expect(held).toBeLessThanOrEqual(most + 5);
    const run: Run = {
      of: 's',
      origin: now,
      metered_until: now,
      ledgered_until: now,
      open_nano: 0,
      billed_nano: 0,
      segments: 0,
      unpriced: {},
    };
    const [segment] = billToEnd(run, now + 10 * MINUTE, computeTariff(a100, table)).segments;
    expect(segment).toMatchObject({
      nano_usd: costNanoUsd(a100, 0, 10 * MINUTE, table),
      price_list: 'onmemos',
      missing_prices: ['', '.cpu', '.memory'].map((line) => `gke.autopilot.gpu-premium.a100${line}`),
    });
  });

  it('names a missing price that has no upper bound, and says what to do', () => {
    const plan = must(planWorkstations(input));
    expect(create(refuse(1000), {}, plan, 10)).toEqual({
      ok: false,
      code: 'budget_exceeded',
      message:
        'The budget can’t be kept: the price table has neither a price nor an upper bound for ' +
        'workstations.management-fee. Ask for another provider or size, or give these prices to the server ' +
        '(ONMEMOS_PRICES_FILE).',
    });
    expect(create({ limit_nano: nanoUsd(1000), action: 'terminate' }, {}, plan, 10).ok).toBe(true);
  });

  it('refuses even what costs nothing once storage has passed the budget', () => {
    const over = { '2026-11': { spent: 0, reserved: nanoUsd(2), storage_reserved: nanoUsd(2) } };
    expect(create(refuse(1), over, local, 10).ok).toBe(false);
    expect(create(refuse(2), over, local, 10).ok).toBe(true);
  });

  it('always lets a session be shortened', () => {
    const over = { '2026-11': { spent: nanoUsd(5), reserved: 500, storage_reserved: 0 } };
    const verdict = decideBudget({
      budget: refuse(1),
      months: over,
      now,
      held: { '2026-11': 500 },
      wanted: { '2026-11': 300 },
      plan: gke,
      change: 'keep',
      table,
    });
    expect(verdict).toMatchObject({
      ok: true,
      reservation: { '2026-11': 300 },
      months: { '2026-11': { reserved: 300 } },
    });
  });

  it('is not asked where there is no budget', () => {
    expect(create({ limit_nano: null, action: 'refuse' }, {}, gke, 1440)).toEqual({
      ok: true,
      months: {},
      reservation: {},
    });
    expect([
      reserves(refuse(1)),
      reserves({ limit_nano: 1, action: 'terminate' }),
      reserves({ limit_nano: null, action: 'refuse' }),
    ]).toEqual([true, false, false]);
  });
});

describe('terminate', () => {
  const budget: Budget = { limit_nano: 100, action: 'terminate' };
  const spent = (nano: number): Months => ({ '2026-11': { spent: nano, reserved: 0, storage_reserved: 0 } });

  it('refuses creates and ends sessions once the budget is spent', () => {
    expect(create(budget, spent(99), gke, 60)).toEqual({ ok: true, months: spent(99), reservation: {} });
    expect(create(budget, spent(100), gke, 60).ok).toBe(false);
    expect([mustTerminate(budget, spent(99), now), mustTerminate(budget, spent(100), now)]).toEqual([false, true]);
    expect(mustTerminate(budget, spent(100), now + 30 * MINUTE)).toBe(false);
    expect(mustTerminate({ ...budget, action: 'refuse' }, spent(100), now)).toBe(false);
  });
});

describe('storage', () => {
  it('is reserved to the month’s end, whatever the budget says', () => {
    const volume = { kind: 'volume', provider: 'gke', size_gb: 100 } as const;
    const held = storageReservation(volume, now, table);
    expect(Object.keys(held)).toEqual(['2026-11']);
    const months = replaceReservation({}, {}, held, 'storage');
    expect(months['2026-11']).toEqual({ spent: 0, reserved: held['2026-11'], storage_reserved: held['2026-11'] });
    const billed = settle(months, held, { '2026-11': 1000 }, 'storage');
    expect(billed.months['2026-11']?.storage_reserved).toBe((held['2026-11'] ?? 0) - 1000);
    expect(release(billed.months, billed.reservation, 'storage')['2026-11']).toEqual({
      spent: 1000,
      reserved: 0,
      storage_reserved: 0,
    });
  });
});

describe('what has no price', () => {
  it('stays counted beside what is spent, for the time that really ran', () => {
    const held = { '2026-11': 100 };
    const months = { '2026-11': { spent: 0, reserved: 100, storage_reserved: 0 } };
    const billed = settle(months, held, { '2026-11': 10 }, 'session', { '2026-11': 30 });
    expect(billed).toEqual({
      months: { '2026-11': { spent: 10, unpriced: 30, reserved: 60, storage_reserved: 0 } },
      reservation: { '2026-11': 60 },
    });
    const back = settle(billed.months, billed.reservation, { '2026-11': -5 }, 'session', { '2026-11': -15 });
    expect(back.months['2026-11']).toEqual({ spent: 5, unpriced: 15, reserved: 60, storage_reserved: 0 });
    const none = settle(back.months, back.reservation, { '2026-11': -5 }, 'session', { '2026-11': -15 });
    expect(none.months['2026-11']).toEqual({ spent: 0, reserved: 60, storage_reserved: 0 });
    const over = settle(months, held, { '2026-11': 90 }, 'session', { '2026-11': 30 });
    expect(over.months['2026-11']).toEqual({ spent: 90, unpriced: 30, reserved: 0, storage_reserved: 0 });
  });

  it('counts under refuse, and not under terminate', () => {
    const months = { '2026-11': { spent: nanoUsd(0.2), unpriced: nanoUsd(0.79), reserved: 0, storage_reserved: 0 } };
    expect(create(refuse(1), months, gke, 29)).toMatchObject({
      ok: false,
      message: expect.stringMatching(
        /^The budget of \$1\.00 for 2026-11 is not enough: \$0\.20 is spent, up to \$0\.79 more at prices that are not known, \$0\.00 is reserved and this needs \$0\.03\.$/,
      ),
    });
    expect(create(refuse(1.1), months, gke, 29).ok).toBe(true);
    expect(create({ limit_nano: nanoUsd(0.9), action: 'terminate' }, months, gke, 29).ok).toBe(true);
    expect(mustTerminate({ limit_nano: nanoUsd(0.9), action: 'terminate' }, months, now)).toBe(false);
  });
});

describe('settling', () => {
  it('spends what was not reserved too, and gives back by correction', () => {
    const months = { '2026-11': { spent: 0, reserved: 100, storage_reserved: 0 } };
    const over = settle(months, { '2026-11': 100 }, { '2026-11': 130, '2026-12': 7 }, 'session');
    expect(over.reservation).toEqual({});
    expect(over.months).toMatchObject({ '2026-11': { spent: 130, reserved: 0 }, '2026-12': { spent: 7, reserved: 0 } });
    expect(settle(over.months, {}, { '2026-11': -30 }, 'session').months['2026-11']).toMatchObject({
      spent: 100,
      reserved: 0,
    });
  });
});

/** Any number of sessions of one owner, created, extended, shortened, metered and ended in any order, over a month's end. */
describe('many sessions on one budget', () => {
  interface Live {
    readonly plan: Plan;
    readonly created: number;
    readonly starts: number;
    expires: number;
    metered: number | null;
    run: Run;
    held: Reservation;
    billed: number;
  }

  const step = fc.record({
    action: fc.constantFrom('create', 'create', 'ttl', 'meter', 'meter', 'end'),
    wait_ms: fc.nat(4 * MINUTE),
    pick: fc.nat(1000),
    minutes: fc.integer({ min: 1, max: 90 }),
    late_ms: fc.nat(50_000),
  });

  it('spent + unpriced + reserved never passes the budget, and each of them is what the sessions say', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 400 }), (steps, cents) => {
        const budget = refuse(cents / 1000);
        const limit = budget.limit_nano ?? 0;
        let months: Months = {};
        let at = Date.UTC(2026, 10, 30, 23, 0);
        const live: Live[] = [];
        let owed = 0;
        let unpriced = 0;

        const meter = (session: Live, until: number): void => {
          const to = Math.min(until, session.expires + RESERVED_PAST_END_MS);
          const { run, months: billed, nano_usd } = billForward(session.run, to, computeTariff(session.plan, table));
          const more = Object.keys(billed).map(
            (month) => [month, (run.unpriced[month] ?? 0) - (session.run.unpriced[month] ?? 0)] as const,
          );
          const settled = settle(months, session.held, billed, 'session', Object.fromEntries(more));
          months = settled.months;
          session.held = settled.reservation;
          session.billed += nano_usd;
          session.run = run;
          if (run.metered_until > session.starts) session.metered = run.metered_until;
        };
        const end = (session: Live, until: number): void => {
          meter(session, until);
          months = release(months, session.held, 'session');
          const ran = Math.max(0, (session.metered ?? session.starts) - session.starts);
          expect(session.billed).toBe(costNanoUsd(session.plan, 0, ran, table));
          owed += session.billed;
          const whole = costBetween(session.plan, 0, ran, table);
          unpriced += (whole.at_most ?? whole.at_least) - whole.at_least;
          live.splice(live.indexOf(session), 1);
        };

        for (const each of steps) {
          at += each.wait_ms;
          for (const over of live.filter(({ expires }) => expires <= at)) end(over, over.expires + each.late_ms);
          const session = live[each.pick % Math.max(1, live.length)];
          if (each.action === 'create') {
            const plan = [gke, cloudRun, bounded][each.pick % 3] ?? gke;
            const verdict = create(budget, months, plan, each.minutes, at);
            if (verdict.ok) {
              months = verdict.months;
              const starts = at + Math.min(each.late_ms, each.minutes * MINUTE - 1);
              live.push({
                plan,
                created: at,
                starts,
                expires: at + each.minutes * MINUTE,
                metered: null,
                run: {
                  ...{ of: 's', origin: starts, metered_until: starts, ledgered_until: starts },
                  ...{ open_nano: 0, billed_nano: 0, segments: 0, unpriced: {} },
                },
                held: verdict.reservation,
                billed: 0,
              });
            }
          } else if (session && each.action === 'ttl') {
            const wanted = sessionReservation({
              plan: session.plan,
              from: session.metered ?? Math.min(session.starts, at),
              expires_at: at + each.minutes * MINUTE,
              billed: session.metered !== null,
              table,
            });
            const verdict = decideBudget({
              budget,
              months,
              now: at,
              held: session.held,
              wanted,
              plan: session.plan,
              change: 'raise',
              table,
            });
            if (verdict.ok) {
              months = verdict.months;
              session.held = verdict.reservation;
              session.expires = at + each.minutes * MINUTE;
            }
          } else if (session && each.action === 'meter') meter(session, at);
          else if (session && each.action === 'end') end(session, Math.max(at, session.starts));

          for (const [month, money] of Object.entries(months)) {
            expect(money.spent + (money.unpriced ?? 0) + money.reserved).toBeLessThanOrEqual(limit);
            expect(money.reserved).toBe(live.reduce((sum, { held }) => sum + (held[month] ?? 0), 0));
          }
        }
        for (const session of [...live]) end(session, Math.max(at, session.starts));
        const total = Object.values(months).reduce((sum, money) => sum + money.spent, 0);
        expect(total).toBe(owed);
        expect(Object.values(months).reduce((sum, money) => sum + (money.unpriced ?? 0), 0)).toBe(unpriced);
        for (const money of Object.values(months)) expect(money.reserved).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
