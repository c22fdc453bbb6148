import { describe, expect, it } from 'vitest';
import { createIds, systemIds } from './ids.ts';

describe('ids', () => {
  it('has a prefix and 26 lower-case Crockford characters', () => {
    expect(systemIds.next('ses')).toMatch(/^ses-[0-9a-hjkmnp-tv-z]{26}$/);
  });

  it('sorts in the order of making, within a millisecond and when the clock goes back', () => {
    const times = [5, 5, 5, 4, 6, 6];
    const ids = createIds(() => times.shift() ?? 7);
    const made = Array.from({ length: 8 }, () => ids.next('x'));
    expect([...made].sort()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
  });

  it('gives as many random bytes as asked for', () => {
    expect(systemIds.random(32)).toHaveLength(32);
    expect(systemIds.random(32)).not.toEqual(systemIds.random(32));
  });
});
