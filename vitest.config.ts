import { defineConfig } from 'vitest/config';
import { HANGS_SECONDS } from './test/acceptance/support/until.ts';
import { PROJECTS } from './test/run/projects.ts';

/** For what hangs. A test that waits for several things one after the other has more time than each of them. */
const HANGS_MS = 4 * HANGS_SECONDS * 1000;

export default defineConfig({
  test: {
    testTimeout: HANGS_MS,
    hookTimeout: HANGS_MS,
    expect: { poll: { timeout: HANGS_SECONDS * 1000 } },
    maxWorkers: 3,
    reporters: ['default', './test/run/counts-reporter.ts'],
    projects: PROJECTS.map(({ name, include, exclude = [], globalSetup }) => ({
      extends: true as const,
      test: {
        name,
        include: [...include],
        exclude: ['**/node_modules/**', ...exclude],
        ...(globalSetup === undefined ? {} : { globalSetup: [globalSetup] }),
      },
    })),
  },
});
