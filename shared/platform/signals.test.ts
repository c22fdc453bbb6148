import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SIGNAL_NAMES, signalName, signalNumber } from './signals.ts';

const { numbers } = JSON.parse(readFileSync(join(import.meta.dirname, '../../test/vectors/signals.json'), 'utf8')) as {
  numbers: Readonly<Record<string, number>>;
};

describe('signals', () => {
  it('have the names and numbers of the vectors', () => {
    expect(SIGNAL_NAMES).toEqual(Object.keys(numbers));
    for (const [name, number] of Object.entries(numbers)) {
      expect(signalNumber(name), name).toBe(number);
      expect(signalNumber(`SIG${name}`), name).toBe(number);
      expect(signalName(number)).toBe(name);
    }
  });

  it('are those of Linux', () => {
    for (const [name, number] of Object.entries(numbers)) {
      expect(constants.signals[`SIG${name}` as NodeJS.Signals], name).toBe(number);
    }
  });

  it('have their number where they have no name', () => {
    expect(signalName(34)).toBe('34');
    expect(signalNumber('34')).toBe(34);
    expect(signalNumber('SIG64')).toBe(64);
    for (const name of ['', 'SIG', 'nonsense', 'toString', '1e3']) expect(signalNumber(name), name).toBeNull();
  });
});
