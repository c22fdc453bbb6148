import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedRuntime, RUNTIMES, type RuntimeName, runtimeFolder } from '../../support/runtimes.ts';

const run = promisify(execFile);

/** A runtime's program: the one in the cache, else fetched into it. @returns null where it can't be had */
export const fetchedRuntime = async (name: RuntimeName): Promise<string | null> => {
  const cached = cachedRuntime(name);
  if (cached !== null) return cached;
  const folder = runtimeFolder(name);
  await mkdir(join(folder, '..'), { recursive: true });
  const making = await mkdtemp(`${folder}-`);
  try {
    await writeFile(join(making, 'package.json'), '{"private": true}\n');
    // Without install scripts: the packages that these names stand for bring their programs as files.
    const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts', '--fetch-retries=0'];
    await run('npm', ['install', ...quiet, ...RUNTIMES[name].packages], { cwd: making });
    await rename(making, folder);
  } catch {
    await rm(making, { recursive: true, force: true });
  }
  return cachedRuntime(name);
};
