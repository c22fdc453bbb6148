import { expect, it } from 'vitest';
import { formatMoney } from './money.ts';

it('says amounts to the digit that matters, and what is not known', () => {
  const amounts = [0, 0.00001, 0.0279, 1.294, 1234.5, -2, null, undefined];
  expect(amounts.map((amount) => formatMoney(amount))).toEqual([
    '$0.00',
    'less than $0.0001',
    '$0.0279',
    '$1.29',
    '$1234.50',
    '-$2.00',
    'unknown',
    'unknown',
  ]);
  expect([formatMoney(3, 'EUR'), formatMoney(3, 'CHF')]).toEqual(['€3.00', 'CHF 3.00']);
});
