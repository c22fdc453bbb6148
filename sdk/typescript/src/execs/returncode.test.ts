import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Exec } from '../types.ts';
import { returncodeOf, returncodeOfSignal } from './returncode.ts';

type Ended = Pick<Exec, 'status' | 'exit_code' | 'signal'>;

const { numbers, returncodes } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../test/vectors/signals.json'), 'utf8'),
) as { numbers: Readonly<Record<string, number>>; returncodes: readonly (Ended & { returncode: number })[] };

describe('the return code', () => {
  it('of a signal is that of the vectors', () => {
    expect(Object.keys(numbers)).toHaveLength(31);
    for (const [name, number] of Object.entries(numbers)) expect(returncodeOfSignal(name), name).toBe(128 + number);
  });

  it('of a command is that of the vectors', () => {
    for (const { returncode, ...ended } of returncodes) {
      expect({ ended, returncode: returncodeOf(ended) }).toEqual({ ended, returncode });
    }
  });

  it('is not known of a command that runs, or was lost', () => {
    expect(returncodeOf({ status: 'running', exit_code: null, signal: null })).toBeNull();
    expect(returncodeOf({ status: 'lost', exit_code: null, signal: null })).toBeNull();
  });
});
