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

/** A runtime could not be fetched; the message says why and what to do. */
export const UNREACHABLE = 'the registry can’t be reached: let npm reach it';

/** Further platforms on which the TypeScript SDK must run, from npm packages. */
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

/** The folder of a fetched runtime. */
const folderOf = ({ packages }: Runtime): string => join(CACHE, packages.join('-').replaceAll(/[^\w.@-]/g, '-'));

/** The program of a runtime that was fetched before; null if it was not. */
const cached = (runtime: Runtime): string | null => {
  const program = join(folderOf(runtime), 'node_modules', ...runtime.program);
  return existsSync(program) ? program : null;
};
export const cachedRuntime = (name: RuntimeName): string | null => cached(RUNTIMES[name]);

/** A runtime's program, from the cache or fetched into it. @returns null if it can't be fetched */
export const fetched = async (runtime: Runtime): Promise<string | null> => {
  const there = cached(runtime);
  if (there !== null) return there;
  const folder = folderOf(runtime);
  await mkdir(CACHE, { recursive: true });
  const making = await mkdtemp(`${folder}-`);
  try {
    await writeFile(join(making, 'package.json'), '{"private": true}\n');
    // Needs no install scripts, because these packages contain their programs as files.
    const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts', '--fetch-retries=0'];
    await run('npm', ['install', ...quiet, ...runtime.packages], { cwd: making });
    // Users other than the one who fetched it run it too.
    await chmod(making, 0o755);
    await rename(making, folder);
  } catch {
    await rm(making, { recursive: true, force: true });
  }
  return cached(runtime);
};

/** The program of an installed Chromium; null if none starts. */
export const chromiumProgram = async (): Promise<string | null> => {
  for (const program of ['chromium', 'chromium-browser', 'google-chrome']) {
    try {
      await run(program, ['--version']);
      return program;
    } catch {
      // Tries the next name.
    }
  }
  return null;
};
