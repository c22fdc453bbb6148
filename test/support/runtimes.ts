import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const CACHE = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'onmemos-runtimes');
const CPU = process.arch === 'arm64' ? 'arm64' : 'x64';

/** Platforms that the TypeScript SDK is to run on beside the one that runs the tests: npm packages bring them. */
export const RUNTIMES = {
  'Node 22': { packages: [`node-linux-${CPU}@22`], program: [`node-linux-${CPU}`, 'bin', 'node'] },
  Deno: {
    packages: ['deno@2'],
    program: ['@deno', `linux-${CPU === 'x64' ? 'x64' : 'arm64'}-glibc`, 'deno'],
  },
  Bun: {
    packages: ['bun@1'],
    program: ['@oven', `bun-linux-${CPU === 'x64' ? 'x64' : 'aarch64'}`, 'bin', 'bun'],
  },
} as const;

export type RuntimeName = keyof typeof RUNTIMES;
export const RUNTIME_NAMES = Object.keys(RUNTIMES) as readonly RuntimeName[];

/** Where a runtime lies once it was fetched. */
export const runtimeFolder = (name: RuntimeName): string => join(CACHE, name.toLowerCase().replace(' ', '-'));

/** The program of a runtime that was fetched before; null where it was not. */
export const cachedRuntime = (name: RuntimeName): string | null => {
  const program = join(runtimeFolder(name), 'node_modules', ...RUNTIMES[name].program);
  return existsSync(program) ? program : null;
};

/** The program of an installed Chromium; null where there is none that starts. */
export const chromiumProgram = async (): Promise<string | null> => {
  for (const program of ['chromium', 'chromium-browser', 'google-chrome']) {
    try {
      await run(program, ['--version'], { timeout: 20_000 });
      return program;
    } catch {
      // Looks for the next name.
    }
  }
  return null;
};
