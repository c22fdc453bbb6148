import type { Key } from 'onmemos';
import { describe, expect, it } from 'vitest';
import { pickKey } from './find.ts';

const key = (key_id: string, name: string, revoked_at: string | null = null): Key =>
  ({ key_id, name, user_id: 'ada', revoked_at, last_used_at: null }) as unknown as Key;

describe('a key', () => {
  const robot = key('key-01a', 'robot');
  const old = key('key-01b', 'robot', '2026-01-01T00:00:00Z');

  it('is named by its id, the beginning of it, or its name, a valid one first', () => {
    for (const typed of ['key-01a', 'key-01', '01', 'robot']) expect(pickKey(typed, [old, robot]), typed).toBe(robot);
    expect(pickKey('key-01b', [old, robot])).toBe(old);
    expect(pickKey('key-01', [old])).toBe(old);
    // A name may look like the id of another key.
    expect(pickKey('key-01a', [key('key-02', 'key-01a'), robot])).toBe(robot);
  });

  it('is refused where two valid ones have the name, with their ids', () => {
    expect(() => pickKey('robot', [robot, key('key-02', 'robot')])).toThrow(
      '2 valid keys are named robot:\n  key-01a (robot) of ada, never used\n  key-02 (robot) of ada, never used',
    );
    expect(() => pickKey('robot', [old])).toThrow('There is no key robot.');
    expect(() => pickKey('', [key('key-1', '')])).toThrow('An empty id names no key.');
  });
});
