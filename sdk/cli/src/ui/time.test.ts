import { expect, it } from 'vitest';
import { relative } from './time.ts';

it('says how long ago something was, or how long until it', () => {
  const now = Date.parse('2026-01-10T12:00:00Z');
  const at = (ms: number): string => relative(new Date(now + ms).toISOString(), now);
  expect([-5e3, -65e3, -3.7e6, -2e8, 59e3, 1.8e6].map(at)).toEqual([
    '5s ago',
    '1m ago',
    '1h01m ago',
    '2d7h ago',
    'in 59s',
    'in 30m',
  ]);
  expect(relative(null)).toBe('');
});
