import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NODE } from '../acceptance/support/server.ts';

const MAIN = join(import.meta.dirname, '..', 'chaos', 'main.ts');
const ROUNDS = 5;

interface Outcome {
  readonly counts: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
}

const torment = (seed: number): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const args = [MAIN, '--rounds', String(ROUNDS), '--seed', String(seed), '--json'];
    execFile(NODE, args, (error, stdout, stderr) => {
      // It exits with 1 where something was violated, and says what.
      if (stdout === '') reject(error ?? new Error(stderr));
      else resolve(JSON.parse(stdout) as Outcome);
    });
  });

describe('kill -9 of server and keeper under load', () => {
  it('loses nothing that was acknowledged and leaves nothing behind', async () => {
    const { counts, violations } = await torment(1);
    expect(violations).toEqual([]);
    expect(counts['rounds']).toBe(ROUNDS);
    expect(counts['sessions created'] ?? 0).toBeGreaterThan(0);
    expect(counts['servers killed'] ?? 0).toBeGreaterThan(0);
    expect(counts['ledger segments audited'] ?? 0).toBeGreaterThan(0);
  });
});
