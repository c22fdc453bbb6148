import type { Reporter, TestModule } from 'vitest/node';
import { realBackends } from './backends.ts';

/** Closes a run with the real back ends that it had and one plain line of counts. */
export class SummaryReporter implements Reporter {
  async onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): Promise<void> {
    let passed = 0;
    let failed = errors.length;
    let skipped = 0;
    for (const module of modules) {
      failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed += 1;
        else if (state === 'failed') failed += 1;
        else skipped += 1;
      }
    }
    const { table, required } = await realBackends();
    console.log(`\n${table}\n`);
    for (const name of required) console.log(`REQUIRE_BACKENDS asks for what is not here: ${name}`);
    failed += required.length;
    if (required.length > 0) process.exitCode = 1;
    console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  }
}

// biome-ignore lint/style/noDefaultExport: Vitest loads a reporter by its default export.
export default SummaryReporter;
