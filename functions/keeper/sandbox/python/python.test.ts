import { expect, it } from 'vitest';
import { toMb } from '../sandbox.ts';
import { askedOnce } from './python.ts';

it.each([null, 'This machine lacks Python.'])(
  'asks the machine once for its Python, also if the answer is %j',
  async (answer) => {
    let asks = 0;
    const ask = askedOnce(async () => {
      asks += 1;
      return answer;
    });
    expect(await Promise.all([ask(), ask()])).toEqual([answer, answer]);
    expect([await ask(), asks]).toEqual([answer, 1]);
  },
);

it.each([
  [0, 0],
  [400_000, 0.4],
  [512 * 1024 * 1024, 512],
])('gives %i bytes as %f MiB', (bytes, mb) => {
  expect(toMb(bytes)).toBe(mb);
});
