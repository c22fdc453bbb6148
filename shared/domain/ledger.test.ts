import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { billForward, billToEnd, computeTariff, type Run, type Segment, storageTariff, type Tariff } from './ledger.ts';
import { hourBefore, monthOf, nextMonth, splitHours, splitMonths } from './months.ts';
import type { Plan } from './plan.ts';
import { planCloudRun, planGke } from './plans.ts';
import { priceTable } from './prices.ts';
import { costBetween, costNanoUsd } from './pricing.ts';

const table = priceTable();
const DAY = 86_400_000;
const input = {
  cpu_request_millis: 1000,
  cpu_limit_millis: 1000,
  memory_request_mb: 2048,
  memory_limit_mb: 2048,
  gpu: null,
};
const plans = [planGke(input), planCloudRun(input)].flatMap((plan) => (plan.ok ? [plan] : []));
const [gke, cloudRun] = plans;
/** Its premium is missing, and has an upper bound. */
const t4 = planGke({ ...input, gpu: { type: 't4', count: 1 } });
if (!t4.ok) throw new Error(t4.message);
if (gke === undefined || cloudRun === undefined) throw new Error('the catalogue’s middle size has no plan');

describe('months', () => {
  it('end at midnight UTC, leap years and year ends included', () => {
    expect(monthOf(Date.UTC(2026, 10, 30, 23, 59, 59, 999))).toBe('2026-11');
    expect(nextMonth(Date.UTC(2026, 11, 31))).toBe(Date.UTC(2027, 0, 1));
    expect(splitMonths(Date.UTC(2028, 1, 28), Date.UTC(2028, 2, 1)).map(({ month }) => month)).toEqual(['2028-02']);
  });

  it('cut an interval without losing or doubling a millisecond', () => {
    const at = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2032, 0) });
    fc.assert(
      fc.property(at, fc.nat(400 * DAY), (from, length) => {
        const parts = splitMonths(from, from + length);
        expect(parts.reduce((sum, part) => sum + part.to - part.from, 0)).toBe(length);
        parts.forEach((part, i) => {
          expect(part.from).toBe(parts[i - 1]?.to ?? from);
          expect(monthOf(part.from)).toBe(part.month);
          expect(monthOf(part.to - 1)).toBe(part.month);
        });
        expect(new Set(parts.map(({ month }) => month)).size).toBe(parts.length);
      }),
    );
  });
});

describe('hours', () => {
  it('cut an interval without losing or doubling a millisecond, and never within an hour', () => {
    const at = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2032, 0) });
    fc.assert(
      fc.property(at, fc.nat(3 * DAY), (from, length) => {
        const parts = splitHours(from, from + length);
        expect(parts.reduce((sum, part) => sum + part.to - part.from, 0)).toBe(length);
        parts.forEach((part, i) => {
          expect(part.from).toBe(parts[i - 1]?.to ?? from);
          expect(hourBefore(part.from)).toBe(hourBefore(part.to - 1));
          expect(part.full).toBe(hourBefore(part.to) === part.to);
          expect(monthOf(part.from)).toBe(part.month);
        });
      }),
    );
  });
});

describe('segments', () => {
  const origin = Date.UTC(2026, 10, 30, 23, 59, 50);
  const started: Run = {
    of: 'ses-1',
    origin,
    metered_until: origin,
    ledgered_until: origin,
    open_nano: 0,
    billed_nano: 0,
    segments: 0,
    unpriced: {},
  };
  const sum = (parts: readonly { readonly nano_usd: number }[]) =>
    parts.reduce((all, { nano_usd }) => all + nano_usd, 0);

  const unpricedOf = ({ unpriced }: Run) => Object.values(unpriced).reduce((all, nano) => all + nano, 0);
  /** The most that missing prices add. */
  const boundOf = (plan: Plan, from: number, to: number) => {
    const { at_least, at_most } = costBetween(plan, from, to, table);
    return (at_most ?? at_least) - at_least;
  };

  it('give back of what has no price no more than was counted, after a change of prices', () => {
    const before = computeTariff(t4, table);
    const { run } = billForward(started, origin + DAY, before);
    const dearer: Tariff = { ...before, unpriced: (from, to) => 3 * before.unpriced(from, to) };
    const half = billToEnd(run, origin + DAY / 2, dearer).run;
    expect(Math.abs(unpricedOf(half) - boundOf(t4, 0, DAY / 2))).toBeLessThan(30);
    const known = billToEnd(run, origin + DAY / 2, { ...before, unpriced: () => 0 }).run;
    expect(Math.abs(unpricedOf(known) - boundOf(t4, 0, DAY / 2))).toBeLessThan(30);
    expect(billToEnd(run, origin, dearer).run.unpriced).toEqual({});
  });

  it('have deterministic ids and end with the hour, so with the month; the minimum is in the first', () => {
    const tariff = computeTariff(cloudRun, table);
    const { run, segments, months, nano_usd } = billForward({ ...started, segments: 4 }, origin + 30_000, tariff);
    expect(segments).toMatchObject([
      {
        ...{ id: 'ses-1:4', n: 4, kind: 'compute', month: '2026-11', milliseconds: 10_000 },
        ...{ from: '2026-11-30T23:59:50.000Z', to: '2026-12-01T00:00:00.000Z', price_table: table.version },
      },
    ]);
    expect(segments[0]?.nano_usd).toBe(costNanoUsd(cloudRun, 0, 60_000, table));
    expect(months).toEqual({ '2026-11': nano_usd, '2026-12': 0 });
    // The hour that has begun is billed, and goes into the ledger when it is over or the session ends.
    expect(run).toMatchObject({ metered_until: origin + 30_000, ledgered_until: origin + 10_000, segments: 5 });
    const end = billToEnd(run, origin + 30_000, tariff);
    expect(end.segments).toMatchObject([{ id: 'ses-1:5', month: '2026-12', milliseconds: 20_000, nano_usd: 0 }]);
  });

  it('are none where nothing was seen, or only what lies before what is billed', () => {
    const tariff = computeTariff(gke, table);
    for (const to of [origin, origin - 5_000]) {
      expect(billForward(started, to, tariff)).toEqual({ run: started, segments: [], months: {}, nano_usd: 0 });
    }
    const later = billForward(started, origin + 5_000, tariff).run;
    expect(billForward(later, origin + 1_000, tariff).run).toEqual(later);
  });

  it('give back what was billed past the end: from the open hour silently, from the ledger by a correction', () => {
    const tariff = computeTariff(gke, table);
    const { run } = billForward(started, origin + 30_000, tariff);
    const within = billToEnd(run, origin + 15_000, tariff);
    expect(within.segments.map(({ kind }) => kind)).toEqual(['compute']);
    const before = billToEnd(run, origin + 4_000, tariff);
    expect(before.segments).toMatchObject([{ kind: 'correction', month: '2026-11', milliseconds: -6_000 }]);
    expect(before.run.open_nano).toBe(0);
  });

  it('leave exactly one bill of the whole, however the meter looked, and at most one for each hour begun', () => {
    const looks = fc.array(fc.nat(3 * DAY), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(fc.constantFrom(gke, cloudRun, t4), looks, fc.nat(3 * DAY), (plan, times, ended) => {
        const tariff = computeTariff(plan, table);
        const ledger: Segment[] = [];
        let run = started;
        let billed = 0;
        for (const time of times) {
          const look = billForward(run, origin + time, tariff);
          ledger.push(...look.segments);
          billed += look.nano_usd;
          run = look.run;
          expect(billed).toBe(sum(ledger) + run.open_nano);
          expect(billed).toBe(costNanoUsd(plan, 0, run.metered_until - origin, table));
        }
        expect(unpricedOf(run)).toBe(boundOf(plan, 0, run.metered_until - origin));
        const last = billToEnd(run, origin + ended, tariff);
        expect(unpricedOf(last.run)).toBe(boundOf(plan, 0, ended));
        expect(last.run.unpriced['2026-11'] ?? 0).toBe(boundOf(plan, 0, Math.min(ended, 10_000)));
        ledger.push(...last.segments);
        expect(last.run).toMatchObject({ metered_until: origin + ended, ledgered_until: origin + ended, open_nano: 0 });
        expect(billed + last.nano_usd).toBe(costNanoUsd(plan, 0, ended, table));
        expect(sum(ledger)).toBe(costNanoUsd(plan, 0, ended, table));
        expect(ledger.reduce((all, each) => all + each.milliseconds, 0)).toBe(ended);
        expect(ledger.map(({ n }) => n)).toEqual(ledger.map((_, n) => n));
        const hours = new Set(ledger.filter(({ kind }) => kind === 'compute').map(({ from }) => from.slice(0, 13)));
        expect(ledger.filter(({ kind }) => kind === 'compute')).toHaveLength(hours.size);
      }),
    );
  });

  it('hold what was billed, though the prices change between the look and the end of the hour', () => {
    const dear: Tariff = { ...computeTariff(gke, table), price: (from, to) => 7 * costNanoUsd(gke, from, to, table) };
    const look = billForward(
      { ...started, origin: origin + 20_000, metered_until: origin + 20_000, ledgered_until: origin + 20_000 },
      origin + 60_000,
      dear,
    );
    const end = billToEnd(look.run, origin + 90_000, computeTariff(gke, table));
    expect(sum(end.segments)).toBe(look.nano_usd + end.nano_usd);
  });

  it('give back no more than was billed, though the prices changed since', () => {
    const cheap: Tariff = { ...computeTariff(gke, table), price: (from, to) => Math.floor((to - from) / 1000) };
    const dear: Tariff = { ...cheap, price: (from, to) => Math.floor((to - from) / 100) };
    const free: Tariff = { ...cheap, price: () => 0 };
    const { run, segments } = billForward(started, origin + 110_000, cheap);
    for (const tariff of [dear, free]) {
      // Back within the open hour of 100 s, and back into the ten seconds of the hour before.
      const half = billToEnd(run, origin + 60_000, tariff);
      expect(sum(segments) + sum(half.segments)).toBe(10 + 50);
      const back = billToEnd(run, origin + 4_000, tariff);
      expect(sum(segments) + sum(back.segments)).toBe(4);
      expect(run.billed_nano + back.nano_usd).toBe(back.run.billed_nano);
      expect(back.run.billed_nano).toBe(4);
    }
  });

  it('of storage go on from where they are, at another size too', () => {
    const of = (size_gb: number) => storageTariff({ kind: 'volume', provider: 'gke', size_gb }, table);
    const small = billForward(started, origin + 20_000, of(720));
    expect(small.segments.map(({ kind, month }) => [kind, month])).toEqual([['storage', '2026-11']]);
    expect(small.nano_usd).toBe(Math.floor((20 * 72e9) / 2_592_000));
    const large = billToEnd(small.run, origin + 40_000, of(7200));
    expect(sum(small.segments) + sum(large.segments)).toBe(small.nano_usd + large.nano_usd);
    expect(large.nano_usd).toBeGreaterThan(9 * small.nano_usd);
  });
});
