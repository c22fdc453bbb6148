import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EXIT } from './exit-codes.ts';

const { numbers } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../test/vectors/signals.json'), 'utf8'),
) as { numbers: Readonly<Record<string, number>> };

it('ends as a shell says of the signal of Ctrl-C', () => {
  expect(EXIT.interrupted).toBe(128 + Number(numbers['INT']));
});
