import { expect, it, vi } from 'vitest';
import { FILES_RUN_AGAIN, judge, judgedText } from './again.ts';
import type { Failure, Outcome } from './counts.ts';

const failure = (file: string, test = 'a test'): Failure => ({
  project: 'api',
  file,
  test,
  error: 'expected 1 to be 2',
});
const outcome = (failures: readonly Failure[]): Outcome => ({
  passed: 1,
  failed: failures.length,
  skipped: 0,
  failures,
});

it('runs nothing again if nothing failed', async () => {
  const run = vi.fn(async () => outcome([]));
  expect(await judge([], run)).toEqual({ failed: [], unsteady: [] });
  expect(run).not.toHaveBeenCalled();
});

it('tells what fails alone too from what does not, and both by name', async () => {
  const run = vi.fn(async () => outcome([failure('a.test.ts', 'two'), failure('b.test.ts', 'new')]));
  const first = [failure('a.test.ts', 'one'), failure('a.test.ts', 'two'), failure('b.test.ts', 'three')];
  const judged = await judge(first, run);
  expect(run).toHaveBeenCalledWith(['api'], ['a.test.ts', 'b.test.ts']);
  expect(judged.failed.map(({ test }) => test)).toEqual(['two', 'new']);
  expect(judged.unsteady.map(({ test }) => test)).toEqual(['one', 'three']);
  expect(judgedText(judged).join('\n')).toBe(
    [
      'Failed among all others, and passed when run alone (counted as passed; make it steady):',
      '  api > a.test.ts > one',
      '    expected 1 to be 2',
      '  api > b.test.ts > three',
      '    expected 1 to be 2',
      '',
      'Failed:',
      '  api > a.test.ts > two',
      '    expected 1 to be 2',
      '  api > b.test.ts > new',
      '    expected 1 to be 2',
      '',
    ].join('\n'),
  );
});

it.each([
  ['the second run breaks off', [failure('a.test.ts')], null],
  ['many files failed', Array.from({ length: FILES_RUN_AGAIN + 1 }, (_, at) => failure(`${at}.test.ts`)), outcome([])],
  ['an error belongs to no file', [failure('', '')], outcome([])],
])('leaves all failed if %s', async (_, failures, second) => {
  expect(await judge(failures, async () => second)).toEqual({ failed: failures, unsteady: [] });
});
