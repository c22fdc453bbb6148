import { writeFile } from 'node:fs/promises';
import type { Reporter, TestModule } from 'vitest/node';
import { type Counts, countsLine } from './counts.ts';

/** The variable with the file for the counts of a run, which the program that started the run reads. */
export const COUNTS_FILE = 'ONMEMOS_TEST_COUNTS_FILE';

/** Counts the tests of a run. Writes the counts to the file if one is named, else prints them in one line. */
export class CountsReporter implements Reporter {
  async onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): Promise<void> {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') counts.passed += 1;
        else if (state === 'failed') counts.failed += 1;
        else counts.skipped += 1;
      }
    }
    const file = process.env[COUNTS_FILE];
    if (file) await writeFile(file, JSON.stringify(counts satisfies Counts));
    else console.log(countsLine(counts));
  }
}

// biome-ignore lint/style/noDefaultExport: Vitest loads a reporter by its default export.
export default CountsReporter;
