import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ExecState } from '#ports/exec.ts';
import { returncodeOf } from './collect.ts';

type Ended = Pick<ExecState, 'status' | 'exit_code' | 'signal'>;

const { returncodes } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../test/vectors/signals.json'), 'utf8'),
) as { returncodes: readonly (Ended & { returncode: number })[] };

it('gives the return codes of the vectors', () => {
  expect(returncodes.length).toBeGreaterThan(10);
  for (const { returncode, ...ended } of returncodes) {
    expect({ ended, returncode: returncodeOf(ended) }).toEqual({ ended, returncode });
  }
});
