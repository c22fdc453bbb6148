import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pythons } from '../../support/backends.ts';
import { pythonLack, runPython } from '../support/python.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..', '..');
const SDK = join(ROOT, 'sdk', 'python');
/** Where the package is imported from. */
export const PYTHON_SDK = join(SDK, 'src');
const CACHE = join(ROOT, 'node_modules', '.cache', 'onmemos-python');

/** What the SDK says that it depends on. */
const dependencies = async (): Promise<readonly string[]> => {
  const [, list = ''] = /^dependencies = \[([^\]]*)\]/m.exec(await readFile(join(SDK, 'pyproject.toml'), 'utf8')) ?? [];
  return [...list.matchAll(/"([^"]+)"/g)].map(([, one = '']) => one);
};

const newest = (await pythons()).at(-1);
const lack = await pythonLack();

/** For what `name` begins with `python`: says what is missing, where this machine has no Python. */
export const skipWithoutPython = (name: string, skip: (note: string) => void): void => {
  if (lack !== null && name.startsWith('python')) skip(lack);
};

/** An interpreter with the SDK's dependencies, made once on this machine; the SDK itself is taken from its source. */
export const interpreter = async (): Promise<string> => {
  const { program: base = 'python3', version = '' } = newest ?? {};
  const packages = await dependencies();
  const name = createHash('sha256').update(packages.join('\n')).digest('hex').slice(0, 12);
  const folder = join(CACHE, `dependencies-${version}-${name}`);
  const program = join(folder, 'bin', 'python');
  if (existsSync(program)) return program;
  await mkdir(CACHE, { recursive: true });
  const making = await mkdtemp(join(CACHE, 'making-'));
  await run(base, ['-m', 'venv', making]);
  await run(join(making, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', ...packages]);
  // Whoever is first has made it for all.
  await rename(making, folder).catch(() => rm(making, { recursive: true, force: true }));
  return program;
};

/** The same before the tests, where there is a Python. */
export const prepareInterpreter = async (): Promise<void> => {
  if (lack === null) await interpreter();
};

/** Runs one of the programs of this folder with what it is asked for in a file. @returns the JSON that it printed */
export const askPython = async <T>(program: string, asked: unknown): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'onmemos-asked-'));
  try {
    const file = join(folder, 'asked.json');
    // The key is in it.
    await writeFile(file, JSON.stringify(asked), { mode: 0o600 });
    const env = { PYTHONPATH: PYTHON_SDK, PYTHONDONTWRITEBYTECODE: '1' };
    const printed = await runPython(await interpreter(), [join(import.meta.dirname, program), file], env);
    return JSON.parse(printed) as T;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
