import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byMonth, computeSegments, correctionSegments, storageSegments } from './ledger.ts';
import { monthOf, nextMonth, splitMonths } from './months.ts';
import { planCloudRun, planGke } from './plans.ts';
import { priceTable } from './prices.ts';
import { costNanoUsd } from './pricing.ts';

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

describe('segments', () => {
  const origin = Date.UTC(2026, 10, 30, 23, 59, 50);

  it('have deterministic ids and are cut at the month’s end; the minimum is in the first', () => {
    const segments = computeSegments({
      of: 'ses-1',
      n: 4,
      origin,
      from: origin,
      to: origin + 30_000,
      plan: cloudRun,
      table,
    });
    expect(segments.map(({ id, n, month, milliseconds }) => ({ id, n, month, milliseconds }))).toEqual([
      { id: 'ses-1:4', n: 4, month: '2026-11', milliseconds: 10_000 },
      { id: 'ses-1:5', n: 5, month: '2026-12', milliseconds: 20_000 },
    ]);
    expect(segments.map(({ nano_usd }) => nano_usd)).toEqual([costNanoUsd(cloudRun, 0, 60_000, table), 0]);
    expect(segments[0]).toMatchObject({
      from: '2026-11-30T23:59:50.000Z',
      to: '2026-12-01T00:00:00.000Z',
      price_table: table.version,
    });
  });

  it('are none where nothing was seen, or only what lies before the start', () => {
    expect(computeSegments({ of: 's', n: 0, origin, from: origin, to: origin, plan: gke, table })).toEqual([]);
    expect(computeSegments({ of: 's', n: 0, origin, from: origin - 5000, to: origin, plan: gke, table })).toEqual([]);
  });

  it('and their correction leave exactly one bill of the whole, however the meter looked', () => {
    const looks = fc.array(fc.nat(70 * DAY), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(fc.constantFrom(gke, cloudRun), looks, fc.nat(70 * DAY), (plan, times, ended) => {
        const seen = times.toSorted((a, b) => a - b);
        const ledger: { nano_usd: number; milliseconds: number; id: string }[] = [];
        let metered = origin;
        for (const time of seen) {
          const at = { of: 's', n: ledger.length, origin, from: metered, to: origin + time, plan, table };
          ledger.push(...computeSegments(at));
          metered = Math.max(metered, origin + time);
        }
        const end = origin + ended;
        const last = { of: 's', n: ledger.length, origin, plan, table };
        ledger.push(
          ...(end >= metered
            ? computeSegments({ ...last, from: metered, to: end })
            : correctionSegments({ ...last, from: end, to: metered })),
        );
        expect(ledger.reduce((sum, each) => sum + each.nano_usd, 0)).toBe(costNanoUsd(plan, 0, ended, table));
        expect(ledger.reduce((sum, each) => sum + each.milliseconds, 0)).toBe(ended);
        expect(new Set(ledger.map(({ id }) => id)).size).toBe(ledger.length);
      }),
    );
  });

  it('of storage go on from where they are, and sum by month', () => {
    const storage = { kind: 'volume', provider: 'gke', size_gb: 720 } as const;
    const segments = storageSegments({ of: 'vol', n: 0, origin, from: origin, to: origin + 20_000, storage, table });
    expect(byMonth(segments)).toEqual({ '2026-11': segments[0]?.nano_usd, '2026-12': segments[1]?.nano_usd });
    expect(segments.reduce((sum, each) => sum + each.nano_usd, 0)).toBe(Math.floor((20 * 72e9) / 2_592_000));
  });
});
