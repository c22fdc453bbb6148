import { defineConfig } from 'vitest/config';

const project = (name: string, include: string[], more: Record<string, unknown> = {}) => ({
  extends: true as const,
  test: { name, include, ...more },
});

/** Real processes start slowly on a busy machine: a limit here is for what hangs, never a measure of speed. */
const PATIENT = { testTimeout: 120_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    reporters: ['default', './test/support/summary-reporter.ts'],
    projects: [
      project('architecture', ['test/architecture/**/*.test.ts']),
      project('unit', ['shared/**/*.test.ts', 'functions/**/*.test.ts'], PATIENT),
      project('conformance', ['test/conformance/**/*.test.ts'], PATIENT),
      project('api', ['test/api/**/*.test.ts'], PATIENT),
      project('simulation', ['test/simulation/**/*.test.ts'], PATIENT),
      project('escapes', ['test/escapes/**/*.test.ts'], PATIENT),
      project('acceptance', ['test/acceptance/**/*.test.ts'], {
        ...PATIENT,
        globalSetup: ['./test/acceptance/vitest.global-setup.ts'],
      }),
      project('process', ['test/process/**/*.test.ts'], PATIENT),
      project('sdk', ['sdk/**/*.test.ts', 'test/sdk/**/*.test.ts'], PATIENT),
      project('docs', ['test/docs/**/*.test.ts'], PATIENT),
    ],
  },
});
