import { expect, it } from 'vitest';
import { figureOf, formatFigure, formatMoney } from './money.ts';

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

it('says what a cost is at least where a price is missing, and at most where that is bounded', () => {
  const exact = { cost: 1.5, at_least_cost: 1.5, at_most_cost: 1.5 };
  const bounded = { cost: null, at_least_cost: 3.673388, at_most_cost: 4.4080656 };
  const unbounded = { cost: null, at_least_cost: 0.067, at_most_cost: null };
  const older = { cost: null };
  const texts = [exact, bounded, unbounded, older].map((answer) => formatFigure(figureOf(answer, 'cost'), 'USD', '/h'));
  expect(texts).toEqual(['$1.50/h', 'at least $3.67/h, at most $4.41/h', 'at least $0.0670/h', 'unknown/h']);
});
