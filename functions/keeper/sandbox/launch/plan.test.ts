import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { signalOf } from './enter.ts';
import { launcherEnv } from './plan.ts';

const { numbers } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../test/vectors/signals.json'), 'utf8'),
) as { numbers: Readonly<Record<string, number>> };

it('names the signals of the vectors, for the launcher by their place', () => {
  const names = launcherEnv()['ONMEMOS_SIGNALS']?.split(' ') ?? [];
  for (const [name, number] of Object.entries(numbers)) {
    expect(names[number]).toBe(name);
    expect(signalOf(number)).toBe(`SIG${name}`);
  }
  expect(names).toHaveLength(32);
  expect(signalOf(0)).toBeNull();
  expect(signalOf(34)).toBe('SIG34');
});
