import { expect, it } from 'vitest';
import type { Budget, Month } from './budget.ts';
import { dueThresholds, endNoticeAt, rearmNotices } from './notices.ts';

const MINUTE_MS = 60_000;
const refuse = (limit_nano: number | null): Budget => ({ limit_nano, action: 'refuse' });
const month = (spent: number, more: Partial<Month> = {}): Month => ({
  ...{ spent, reserved: 0, storage_reserved: 0 },
  ...more,
});

it('tells of an end five minutes before it, and of none of a life under ten', () => {
  expect(endNoticeAt(0, 60 * MINUTE_MS)).toBe(55 * MINUTE_MS);
  expect(endNoticeAt(0, 10 * MINUTE_MS)).toBe(5 * MINUTE_MS);
  expect(endNoticeAt(0, 10 * MINUTE_MS - 1)).toBeNull();
});

it('tells of each threshold that is reached, the lowest first, and of none twice', () => {
  const due = (spent: number, noticed?: number) =>
    dueThresholds(refuse(1000), month(spent, noticed === undefined ? {} : { noticed }));
  expect([due(0), due(499), due(500), due(799), due(850), due(1000)]).toEqual([
    ...[[], [], [50], [50], [50, 80], [50, 80, 100]],
  ]);
  expect([due(850, 50), due(850, 80), due(2000, 80), due(2000, 100)]).toEqual([[80], [], [100], []]);
});

it('tells of nothing without a budget or without use', () => {
  expect(dueThresholds(refuse(null), month(5))).toEqual([]);
  expect(dueThresholds(refuse(0), month(0))).toEqual([]);
  expect(dueThresholds(refuse(0), month(1))).toEqual([50, 80, 100]);
});

it('counts unknown prices as the budget itself does', () => {
  const used = month(400, { unpriced: 200 });
  expect(dueThresholds(refuse(1000), used)).toEqual([50]);
  expect(dueThresholds({ limit_nano: 1000, action: 'terminate' }, used)).toEqual([]);
});

it('arms what is above the use under a new budget, and nothing below', () => {
  const told = { '2026-11': month(850, { noticed: 80 }) };
  const after = (budget: Budget) => rearmNotices(budget, told)['2026-11'];
  // 42 % of it: everything is told again.
  expect(after(refuse(2000))).toEqual(month(850));
  // 61 %: 50 was told and still holds.
  expect(after(refuse(1400))).toEqual(month(850, { noticed: 50 }));
  expect(dueThresholds(refuse(1400), month(1130, { noticed: 50 }))).toEqual([80]);
  // 170 %: what was told stays told, and 100 is due at the next bill.
  expect(after(refuse(500))).toEqual(month(850, { noticed: 80 }));
  expect(after(refuse(null))).toEqual(month(850));
});
