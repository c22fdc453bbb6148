import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const CACHE = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'onmemos-runtimes');
const CPU = process.arch === 'arm64' ? 'arm64' : 'x64';

interface Runtime {
  readonly packages: readonly string[];
  /** Its program, below the folder that npm installs packages into. */
  readonly program: readonly string[];
}

/** The Node of a version, from the registry. */
export const nodeOf = (version: string): Runtime => ({
  packages: [`node-linux-${CPU}@${version}`],
  program: [`node-linux-${CPU}`, 'bin', 'node'],
});
/** The npm of a version. */
export const npmOf = (version: string): Runtime => ({
  packages: [`npm@${version}`],
  program: ['npm', 'bin', 'npm-cli.js'],
});

/** Why a runtime could not be fetched, and what to do. */
export const UNREACHABLE = 'the registry can’t be reached: let npm reach it';

/** Platforms that the TypeScript SDK is to run on beside the one that runs the tests: npm packages bring them. */
export const RUNTIMES = {
  'Node 22': nodeOf('22'),
  Deno: {
    packages: ['deno@2'],
    program: ['@deno', `linux-${CPU === 'x64' ? 'x64' : 'arm64'}-glibc`, 'deno'],
  },
  Bun: {
    packages: ['bun@1'],
    program: ['@oven', `bun-linux-${CPU === 'x64' ? 'x64' : 'aarch64'}`, 'bin', 'bun'],
  },
} as const satisfies Record<string, Runtime>;

export type RuntimeName = keyof typeof RUNTIMES;
export const RUNTIME_NAMES = Object.keys(RUNTIMES) as readonly RuntimeName[];

/** Where a runtime lies once it was fetched. */
const folderOf = ({ packages }: Runtime): string => join(CACHE, packages.join('-').replaceAll(/[^\w.@-]/g, '-'));

/** The program of a runtime that was fetched before; null where it was not. */
const cached = (runtime: Runtime): string | null => {
  const program = join(folderOf(runtime), 'node_modules', ...runtime.program);
  return existsSync(program) ? program : null;
};
export const cachedRuntime = (name: RuntimeName): string | null => cached(RUNTIMES[name]);

/** A runtime's program: the one in the cache, else fetched into it. @returns null where it can't be had */
export const fetched = async (runtime: Runtime): Promise<string | null> => {
  const there = cached(runtime);
  if (there !== null) return there;
  const folder = folderOf(runtime);
  await mkdir(CACHE, { recursive: true });
  const making = await mkdtemp(`${folder}-`);
  try {
    await writeFile(join(making, 'package.json'), '{"private": true}\n');
    // Without install scripts: the packages that these names stand for bring their programs as files.
    const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts', '--fetch-retries=0'];
    await run('npm', ['install', ...quiet, ...runtime.packages], { cwd: making });
    // Other users than the one that fetched it run it too.
    await chmod(making, 0o755);
    await rename(making, folder);
  } catch {
    await rm(making, { recursive: true, force: true });
  }
  return cached(runtime);
};

/** The program of an installed Chromium; null where there is none that starts. */
export const chromiumProgram = async (): Promise<string | null> => {
  for (const program of ['chromium', 'chromium-browser', 'google-chrome']) {
    try {
      await run(program, ['--version']);
      return program;
    } catch {
      // Looks for the next name.
    }
  }
  return null;
};
