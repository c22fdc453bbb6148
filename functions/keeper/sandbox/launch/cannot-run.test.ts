import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CannotRun, complaintOf } from './cannot-run.ts';

interface Vector {
  readonly part: string;
  readonly errno: keyof typeof constants.errno;
  readonly exit_code: number | null;
}

const { not_started } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../test/vectors/signals.json'), 'utf8'),
) as { not_started: readonly Vector[] };

it('takes a complaint by the number of the system, as the vectors say, whatever the words are', () => {
  expect(not_started.length).toBeGreaterThan(10);
  for (const { part, errno, exit_code } of not_started) {
    const error = complaintOf(`${part} ${constants.errno[errno]} Permission denied: No such file or directory`);
    const code = error instanceof CannotRun ? error.exit_code : null;
    expect([part, errno, code, error.message]).toEqual([
      part,
      errno,
      exit_code,
      'Permission denied: No such file or directory',
    ]);
  }
});

it('hands on a complaint that it does not know', () => {
  expect(complaintOf('odd').message).toBe('odd');
});
