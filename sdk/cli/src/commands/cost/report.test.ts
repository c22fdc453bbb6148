import { expect, it } from 'vitest';
import { instantOf } from './report.ts';

it('reads days, instants and how long ago', () => {
  const now = Date.parse('2026-05-10T12:00:00Z');
  expect(['2026-05-01', '2026-05-01T10:00:00+02:00', '7d', '1h30m'].map((text) => instantOf(text, now))).toEqual([
    '2026-05-01T00:00:00.000Z',
    '2026-05-01T08:00:00.000Z',
    '2026-05-03T12:00:00.000Z',
    '2026-05-10T10:30:00.000Z',
  ]);
  expect(() => instantOf('yesterday', now)).toThrow(/is no time/);
});
