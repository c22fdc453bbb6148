import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'acceptance',
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    globalSetup: ['./vitest.global-setup.ts'],
    pool: 'forks',
    // One file waits for minutes to pass and needs no processor meanwhile.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
