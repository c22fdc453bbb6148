import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { signalOf } from './enter.ts';

const { numbers } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../test/vectors/signals.json'), 'utf8'),
) as { numbers: Readonly<Record<string, number>> };

it('names the signals of the vectors', () => {
  for (const [name, number] of Object.entries(numbers)) {
    expect(signalOf(number)).toBe(`SIG${name}`);
  }
  expect(signalOf(0)).toBeNull();
  expect(signalOf(34)).toBe('SIG34');
});
