import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NODE } from '../acceptance/support/server.ts';
import { pythonLack } from '../sdk/support/python.ts';

const MAIN = join(import.meta.dirname, '..', 'fuzz', 'main.ts');

/** Points at which something was left, lost or hung before, and one of each other kind. */
const POINTS = [
  'cli/run/cut-rst@12+0',
  'cli/run-sleep/term@12+40',
  'cli/exec/stdout@14+0',
  'cli/exec-input/stdin@9+0',
  'cli/attach/hup@10+0',
  'cli/create/int@3+0',
  'cli/create/restart-kill@1+0',
  'cli/key/cut-rst@2+0',
  'cli/cp-out/cut-fin@14+0',
  'typescript/create/int@3+0',
  'typescript/create-block/hup@7+0',
  'typescript/kill/term@3+0',
  'typescript/run-sleep/cancel@8+20',
  'typescript/run-input/cut-rst@14+0',
  'typescript/iterate/slow@5+0',
  'typescript/shell/int@16+0',
  'typescript/terminal/cancel@12+0',
  'typescript/stdin/restart-kill@12+0',
];
const PYTHON_POINTS = [
  'python/run-sleep/term@6+50',
  'python/create-block/hup@7+0',
  'python/run-input/hup@18+0',
  'python/execute/term@5+0',
  'python/iterate/cut-fin@8+0',
  'python/create/int@2+10',
  'python-async/execute/term@3+0',
  'python-async/workspace/term@2+30',
  'python-async/stream-sleep/cancel@7+0',
  'python-async/shell/cancel@8+20',
  'python-async/shell/hup@11+58',
  'python-async/stdin/cut-rst@12+0',
  'python-async/create/cancel@2+0',
];

interface Outcome {
  readonly points: number;
  readonly missed: number;
  readonly violations: readonly { readonly point: string; readonly what: string }[];
}

const fuzz = (points: readonly string[]): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const args = [MAIN, '--json', '--seed', '1', '--workers', '2', ...points.flatMap((point) => ['--only', point])];
    execFile(NODE, args, (error, stdout, stderr) => {
      // It exits with 1 where something did not hold, and says what.
      if (stdout === '') reject(error ?? new Error(stderr));
      else resolve(JSON.parse(stdout) as Outcome);
    });
  });

const lack = await pythonLack();

describe('a caller that is cut, cancelled, signalled or restarted under', () => {
  const holds = async (points: readonly string[]): Promise<void> => {
    const { points: reached, missed, violations } = await fuzz(points);
    expect(violations).toEqual([]);
    expect(reached + missed).toBe(points.length);
    // A moment may not come where the machine passes pieces on together.
    expect(reached).toBeGreaterThan(points.length / 2);
  };

  it('leaves nothing that nobody holds, and hangs nowhere: CLI and TypeScript', () => holds(POINTS));

  it.skipIf(lack)(`the same for Python (${lack ?? 'installed'})`, () => holds(PYTHON_POINTS));
});
