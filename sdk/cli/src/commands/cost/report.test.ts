import { expect, it } from 'vitest';
import type { Costs } from 'onmemos';
import { daysOf } from './report.ts';

it('shows the days with a cost or a running time, and counts the others', () => {
  const day = (key: string, cost: number, seconds: number) => ({ key, cost, seconds });
  const report = (from: string, to: string, groups: Costs['groups']): Costs =>
    ({ from: `${from}:00:00Z`, to: `${to}:00:00Z`, groups, total: 1, currency: 'USD' }) as unknown as Costs;
  const groups = [day('2026-05-04', 0, 60), day('2026-05-02', 1, 0), day('2026-05-03', 0, 0)];
  expect(daysOf(report('2026-05-01T10', '2026-05-06T11', groups))).toEqual({
    shown: [day('2026-05-02', 1, 0), day('2026-05-04', 0, 60)],
    without: 4,
  });
  expect(daysOf(report('2026-05-01T00', '2026-05-03T00', []))).toEqual({ shown: [], without: 2 });
  expect(daysOf(report('2026-05-02T00', '2026-05-03T00', groups.slice(1, 2))).without).toBe(0);
});
