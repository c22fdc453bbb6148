import { expect, it } from 'vitest';
import { instantOf } from './instant.ts';

const now = Date.parse('2026-05-10T12:00:00Z');

it('reads days, instants and how long ago', () => {
  expect(['2026-05-01', '2026-05-01T10:00:00+02:00', '7d', '1h30m'].map((text) => instantOf(text, now))).toEqual([
    '2026-05-01T00:00:00.000Z',
    '2026-05-01T08:00:00.000Z',
    '2026-05-03T12:00:00.000Z',
    '2026-05-10T10:30:00.000Z',
  ]);
  expect(instantOf('2026-05-01T10:00', now)).toBe(new Date(2026, 4, 1, 10).toISOString());
});

it.each([
  'yesterday',
  '10',
  '0',
  '',
  '2026',
  '2026-13-01',
  '2026-02-30',
  '2026-02-30T10:00:00Z',
  '2026-05-01T25:00:00Z',
  'May 1 2026',
  '999999999d',
])('refuses %j', (text) => {
  expect(() => instantOf(text, now)).toThrow(/is not a (time|duration)/);
});
