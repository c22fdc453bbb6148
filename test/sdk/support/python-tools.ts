import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PythonVersion } from '../../support/backends.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..', '..');
const CACHE = join(ROOT, 'node_modules', '.cache', 'onmemos-python');
export const SDK = join(ROOT, 'sdk', 'python');

/** What the tests need beside the SDK and what that itself asks for. */
const PYTEST = 'pytest==8.4.2';
const REQUIRED = ['httpx>=0.27,<1', 'typing_extensions>=4.6', 'websockets>=15,<18', PYTEST];

/** The folder with the pinned tools (ruff, mypy, hatchling and the generator), which is made at its first use. */
export const toolsOf = async (python: PythonVersion): Promise<string> => {
  const options = { env: { ...process.env, PYTHON: python.program } };
  const { stdout } = await run(join(SDK, 'generate.sh'), ['--tools'], options);
  return join(stdout.trim(), 'bin');
};

/** All wheels that an installation needs, for one Python, fetched once on this machine. */
const wheelhouse = async (python: PythonVersion): Promise<string> => {
  const stamp = createHash('sha256').update(REQUIRED.join('\n')).digest('hex').slice(0, 12);
  const folder = join(CACHE, `wheels-${python.version}-${stamp}`);
  if ((await readdir(folder).catch(() => [])).length > 0) return folder;
  await mkdir(CACHE, { recursive: true });
  const making = await mkdtemp(join(CACHE, 'making-'));
  const environment = join(making, 'environment');
  await run(python.program, ['-m', 'venv', environment]);
  const wheels = join(making, 'wheels');
  await run(join(environment, 'bin', 'python'), ['-m', 'pip', 'wheel', '--quiet', '-w', wheels, ...REQUIRED]);
  // Whoever is first has made it for all.
  await rename(wheels, folder).catch(() => undefined);
  await rm(making, { recursive: true, force: true });
  return folder;
};

/** Builds the wheels of these folders, as a release would. @returns the folder they lie in */
export const builtWheels = async (tools: string, sources: readonly string[]): Promise<string> => {
  const wheels = await mkdtemp(join(tmpdir(), 'onmemos-wheels-'));
  const build = ['-m', 'pip', 'wheel', '--quiet', '--no-deps', '--no-build-isolation', '-w', wheels];
  await run(join(tools, 'python'), [...build, ...sources]);
  return wheels;
};

/** A new environment with what these wheels hold, with what they ask for, and with pytest. @returns its folder */
export const environmentOf = async (
  python: PythonVersion,
  tools: string,
  wheels: string,
  names: readonly string[],
): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'onmemos-venv-'));
  const links = ['--no-index', '--find-links', wheels, '--find-links', await wheelhouse(python)];
  await run(python.program, ['-m', 'venv', '--without-pip', folder]);
  const program = join(folder, 'bin', 'python');
  await run(join(tools, 'pip'), ['--python', program, 'install', '--quiet', ...links, ...names, PYTEST]);
  return folder;
};
