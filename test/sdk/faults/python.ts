import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runPython } from '../support/python.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..', '..');
const SDK = join(ROOT, 'sdk', 'python');
/** Where the package is imported from. */
export const PYTHON_SDK = join(SDK, 'src');
const CACHE = join(ROOT, 'node_modules', '.cache', 'onmemos-python');

/** What the SDK depends on, in the versions that its own tools have. */
const dependencies = async (): Promise<readonly string[]> => {
  const pinned = (await readFile(join(SDK, 'requirements-dev.txt'), 'utf8')).split('\n');
  return pinned.filter((line) => /^(httpx|websockets)==/.test(line));
};

/** An interpreter with the SDK's dependencies, made once on this machine; the SDK itself is taken from its source. */
export const interpreter = async (): Promise<string> => {
  const packages = await dependencies();
  const { stdout: version } = await run('python3', ['--version']);
  const name = createHash('sha256')
    .update(`${version}\n${packages.join('\n')}`)
    .digest('hex')
    .slice(0, 16);
  const folder = join(CACHE, `dependencies-${name}`);
  const program = join(folder, 'bin', 'python');
  if (existsSync(program)) return program;
  await mkdir(CACHE, { recursive: true });
  const making = await mkdtemp(join(CACHE, 'making-'));
  await run('python3', ['-m', 'venv', making]);
  await run(join(making, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', ...packages]);
  // Whoever is first has made it for all.
  await rename(making, folder).catch(() => rm(making, { recursive: true, force: true }));
  return program;
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
