import { afterEach, describe, expect, it, vi } from 'vitest';
import { formatGigabytes, formatMegabytes, formatSize, parseGigabytes, parseSize } from './size.ts';

afterEach(() => vi.restoreAllMocks());

describe('sizes', () => {
  it.each([
    ['2Gi', 2 * 1024 ** 3],
    ['512Mi', 512 * 1024 ** 2],
    ['10G', 10e9],
    ['10GB', 10e9],
    ['1.5GiB', 1.5 * 1024 ** 3],
    ['100', 100],
    ['1k', 1000],
  ])('are read as people write them: %s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', 'big', '10X', '-1Gi', 'Gi'])('are refused where they are none: "%s"', (text) => {
    expect(() => parseSize(text)).toThrow(/is not a size/);
  });

  it.each([
    ['10Gi', 10],
    ['10G', 10],
    ['10', 10],
    ['1.5Gi', 2],
    ['512Mi', 1],
    ['1Ti', 1024],
  ])('ask for whole gigabytes of storage: %s', (text, gigabytes) => {
    expect(parseGigabytes(text)).toBe(gigabytes);
  });

  it('say where they are rounded', () => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect([parseGigabytes('2Gi'), parseGigabytes('3')]).toEqual([2, 3]);
    expect(said).not.toHaveBeenCalled();
    expect(parseGigabytes('512Mi')).toBe(1);
    expect(said).toHaveBeenCalledExactlyOnceWith('onmemos: 512Mi counts as 1Gi: storage is whole gigabytes.\n');
  });

  it('are written in the unit that reads best', () => {
    expect([0, 512, 1024, 1536, 1024 ** 3 * 2.5, 1024 ** 5].map(formatSize)).toEqual([
      '0B',
      '512B',
      '1Ki',
      '1.5Ki',
      '2.5Gi',
      '1024Ti',
    ]);
    expect([formatMegabytes(2048), formatGigabytes(0.5)]).toEqual(['2Gi', '512Mi']);
  });
});
