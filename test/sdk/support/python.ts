import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HANGS_SECONDS } from '../../acceptance/support/until.ts';
import { pythons } from '../../support/backends.ts';

const run = promisify(execFile);
const SDK = join(import.meta.dirname, '..', '..', '..', 'sdk', 'python');

/** Why no Python environment can be made here, and what brings it; null where one can. */
export const pythonLack = async (): Promise<string | null> =>
  (await pythons()).length > 0 ? null : 'needs Python 3.9 or later with venv: apt-get install python3 python3-venv';

export interface Python {
  /** The interpreter of an environment that has `onmemos` and `onmemos-compat`, installed from their wheels, and nothing else. */
  readonly program: string;
  readonly remove: () => Promise<void>;
}

/** Builds the wheels as a release would, and installs them into a new environment. */
export const installedPython = async (): Promise<Python> => {
  const folder = await mkdtemp(join(tmpdir(), 'onmemos-python-'));
  const wheels = join(folder, 'wheels');
  const program = join(folder, 'venv', 'bin', 'python');
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const newest = (await pythons()).at(-1);
    await run(newest?.program ?? 'python3', ['-m', 'venv', join(folder, 'venv')]);
    await run(program, ['-m', 'pip', 'wheel', '--no-deps', '-w', wheels, SDK, join(SDK, 'compat')]);
    const built = (await readdir(wheels)).map((wheel) => join(wheels, wheel));
    await run(program, ['-m', 'pip', 'install', ...built]);
    return { program, remove };
  } catch (error) {
    await remove();
    throw error;
  }
};

/** A program that hangs is ended before the test is, so that it says where it was. */
const HANGS_MS = 2 * HANGS_SECONDS * 1000;

/**
 * Runs a program.
 * @returns what it printed
 * @throws Error with all that it printed, where it fails or hangs. Where it hangs, that has the stack of each thread.
 */
export const runPython = async (
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd?: string,
): Promise<string> => {
  const clean = Object.entries(process.env).filter(([name]) => !/^(ONMEMOS_|PYTHON|VITEST|NODE_)/.test(name));
  const options = {
    env: { ...Object.fromEntries(clean), PYTHONFAULTHANDLER: '1', PYTHONUNBUFFERED: '1', ...env },
    maxBuffer: 64 * 1024 * 1024,
    cwd,
    timeout: HANGS_MS,
    killSignal: 'SIGABRT',
  } as const;
  try {
    return (await run(program, [...args], options)).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${args.join(' ')} failed:\n${stdout}\n${stderr}`);
  }
};
