import { afterEach, describe, expect, it, vi } from 'vitest';
import { formatDuration, parseDuration, parseMinutes } from './duration.ts';

afterEach(() => vi.restoreAllMocks());

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
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect([parseMinutes('60s'), parseMinutes('1h'), parseMinutes('5')]).toEqual([1, 60, 5]);
    expect(said).not.toHaveBeenCalled();
    expect([parseMinutes('90s'), parseMinutes('1.01m')]).toEqual([2, 2]);
    expect(said.mock.calls.map(([text]) => text)).toEqual([
      'onmemos: 90s counts as 2m: a time to live is whole minutes.\n',
      'onmemos: 1.01m counts as 2m: a time to live is whole minutes.\n',
    ]);
  });

  it.each(['0m', '5s', '59s', '0.5'])('are refused for a time to live under a minute: %s', (text) => {
    expect(() => parseMinutes(text)).toThrow(
      expect.objectContaining({ hint: 'It is 1m at the least; a bare number is minutes.' }),
    );
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
