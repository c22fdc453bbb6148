import { expect, it } from 'vitest';
import { bar, daysBetween } from './bars.ts';

it('draws a share to the eighth of a column, and the least as something', () => {
  expect([0, 0.0001, 0.5, 0.53, 1, 2].map((share) => bar(share, 4))).toEqual(['', '▏', '██', '██▏', '████', '████']);
});

it('knows every day from one to another', () => {
  expect(daysBetween('2026-02-27', '2026-03-01')).toEqual(['2026-02-27', '2026-02-28', '2026-03-01']);
  expect(daysBetween('2026-01-02', '2026-01-01')).toEqual([]);
});
