import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatExcess, nanoUsd } from './money.ts';

const shown = (limit: number, ...parts: number[]): string => {
  const says = formatExcess(nanoUsd(limit), parts.map(nanoUsd));
  return `${says.limit}: ${says.parts.join(' + ')}`;
};

it('shows cents where they tell why the amounts do not fit', () => {
  expect(shown(5, 3, 0, 2.5)).toBe('$5.00: $3.00 + $0.00 + $2.50');
  expect(shown(0, 0.25)).toBe('$0.00: $0.25');
  expect(shown(5, 5)).toBe('$5.00: $5.00');
});

it('shows more decimals where cents would say that they fit', () => {
  expect(shown(0.03, 0, 0, 0.0306)).toBe('$0.030: $0.00 + $0.00 + $0.031');
  expect(shown(0.001, 0.5)).toBe('$0.001: $0.500');
  expect(shown(1, 0.999_999_999, 0.000_000_002)).toBe('$1.000000000: $0.999999999 + $0.000000002');
});

it('shows amounts that add up to the limit or more, whatever they are', () => {
  const amounts = fc.array(fc.nat(10_000_000_000), { minLength: 1, maxLength: 3 });
  const read = (text: string): number => Math.round(Number(text.slice(1)) * 1e9);
  fc.assert(
    fc.property(amounts, fc.nat(1_000_000_000), (parts, less) => {
      const sum = parts.reduce((total, part) => total + part, 0);
      const limit = Math.max(0, sum - less);
      const says = formatExcess(limit, parts);
      const printed = says.parts.reduce((total, part) => total + read(part), 0);
      if (sum === limit) expect(printed).toBe(read(says.limit));
      else expect(printed).toBeGreaterThan(read(says.limit));
    }),
    { numRuns: 2000 },
  );
});
