import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration, parseMinutes } from './duration.ts';

describe('durations', () => {
  it.each([
    ['45s', 45],
    ['90m', 5400],
    ['1h30m', 5400],
    ['2d', 172_800],
    ['1.5h', 5400],
    [' 1H ', 3600],
    ['30', 1800],
  ])('are read as people write them: %s', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it('count bare numbers in the unit of the option', () => {
    expect(parseDuration('30', 's')).toBe(30);
  });

  it.each(['', 'soon', '1x', '1h30', '-5m', 'h', '1 h'])('are refused where they are none: "%s"', (text) => {
    expect(() => parseDuration(text)).toThrow(/is not a duration/);
  });

  it('are whole minutes for a time to live', () => {
    expect([parseMinutes('90s'), parseMinutes('1h'), parseMinutes('5')]).toEqual([2, 60, 5]);
    expect(() => parseMinutes('0m')).toThrow(/a minute at the least/);
  });

  it.each([
    [0, '0s'],
    [0.25, '0.3s'],
    [9.99, '10.0s'],
    [59.6, '1m'],
    [125, '2m05s'],
    [3600, '1h'],
    [5400, '1h30m'],
    [86_400, '1d'],
    [90_000, '1d1h'],
    [-90, '-1m30s'],
  ])('are written in their two largest units: %d', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});
