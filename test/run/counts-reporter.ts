import { writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import type { Reporter, TestModule, TestSuite } from 'vitest/node';
import { countsLine, type Failure, type Outcome } from './counts.ts';

/** The variable with the file for the counts of a run, which the program that started the run reads. */
export const COUNTS_FILE = 'ONMEMOS_TEST_COUNTS_FILE';

const firstLine = (errors: readonly { readonly message?: string }[]): string =>
  (errors[0]?.message ?? 'no message').split('\n', 1)[0] ?? '';

/** Errors of a file and of its groups, such as a `beforeAll` that threw: the tests below them are not failed by them. */
const ownFailures = (module: TestModule, at: Pick<Failure, 'project' | 'file'>): readonly Failure[] =>
  [module, ...module.children.allSuites()].flatMap((part: TestModule | TestSuite) => {
    const errors = part.errors();
    const test = part.type === 'suite' ? part.fullName : '';
    return errors.map((error) => ({ ...at, test, error: firstLine([error]) }));
  });

/** Counts the tests of a run. Writes the counts to the file if one is named, else prints them in one line. */
export class CountsReporter implements Reporter {
  async onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): Promise<void> {
    let [passed, skipped] = [0, 0];
    const failures: Failure[] = errors.map((error) => ({
      ...{ project: '', file: '', test: '' },
      error: firstLine([error as Error]),
    }));
    for (const module of modules) {
      const at = { project: module.project.name, file: relative(process.cwd(), module.moduleId) };
      failures.push(...ownFailures(module, at));
      for (const test of module.children.allTests()) {
        const { state, errors: own = [] } = test.result();
        if (state === 'passed') passed += 1;
        else if (state === 'failed') failures.push({ ...at, test: test.fullName, error: firstLine(own) });
        else skipped += 1;
      }
    }
    const outcome: Outcome = { passed, failed: failures.length, skipped, failures };
    const named = process.env[COUNTS_FILE];
    if (named) await writeFile(named, JSON.stringify(outcome));
    else console.log(countsLine(outcome));
  }
}

// biome-ignore lint/style/noDefaultExport: Vitest loads a reporter by its default export.
export default CountsReporter;
