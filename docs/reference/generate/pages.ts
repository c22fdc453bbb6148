import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const HERE = import.meta.dirname;
const VENV = join(HERE, '.venv');
const PYTHON = join(VENV, 'bin', 'python');
const PYTHON_PACKAGE = join(HERE, '..', '..', '..', 'sdk', 'python', 'src');

export interface Page {
  /** Its name in docs/reference. */
  readonly file: string;
  /** What prints it, and whether that was installed before. */
  readonly generator: string;
  readonly installed: () => boolean;
  /** Installs what prints it, where that is not there yet. @throws Error where it can't be had */
  readonly prepare: () => Promise<void>;
  /** The page as the code gives it now. */
  readonly print: () => Promise<string>;
}

/** Where the generators lie once they were installed. */
const COMPILER_MARK = join(HERE, 'node_modules', '.made-from');
const VENV_MARK = join(VENV, '.made-from');

/** Does `work` once for each state of what it is made from: the mark that it leaves says for which it was done. */
const once = async (source: string, mark: string, work: () => Promise<void>): Promise<void> => {
  const wanted = await readFile(join(HERE, source), 'utf8');
  if (existsSync(mark) && (await readFile(mark, 'utf8')) === wanted) return;
  await work();
  await writeFile(mark, wanted);
};

/** Without what an outer npm says of its own project. */
const ownEnv = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_(?!config_(registry|cache)$)|INIT_CWD)/i.test(name)),
  );

const compiler = (): Promise<void> =>
  once('package-lock.json', COMPILER_MARK, async () => {
    await run('npm', ['ci', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: HERE, env: ownEnv() });
  });

const venv = (): Promise<void> =>
  once('requirements.txt', VENV_MARK, async () => {
    await rm(VENV, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', VENV]);
    await run(PYTHON, ['-m', 'pip', 'install', '--quiet', '-r', join(HERE, 'requirements.txt')]);
  });

const printed = async (program: string, args: readonly string[]): Promise<string> =>
  (await run(program, [...args], { maxBuffer: 16 * 1024 * 1024 })).stdout;

export const PAGES: readonly Page[] = [
  {
    file: 'cli.md',
    generator: 'the program itself',
    installed: () => true,
    prepare: async () => undefined,
    print: () => printed(process.execPath, [join(HERE, 'cli-reference.ts')]),
  },
  {
    file: 'errors.md',
    generator: 'the program itself',
    installed: () => true,
    prepare: async () => undefined,
    print: () => printed(process.execPath, [join(HERE, 'errors-reference.ts')]),
  },
  {
    file: 'python.md',
    generator: 'griffelib (PyPI), Python 3.10 or later',
    installed: () => existsSync(VENV_MARK),
    prepare: venv,
    print: () => printed(PYTHON, [join(HERE, 'python_reference.py'), PYTHON_PACKAGE]),
  },
  {
    file: 'typescript.md',
    generator: 'typescript 5 (npm)',
    installed: () => existsSync(COMPILER_MARK),
    prepare: compiler,
    print: () => printed(process.execPath, [join(HERE, 'typescript-reference.mjs')]),
  },
];
