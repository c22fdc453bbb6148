import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { entriesOf } from '../disk/paths.ts';

/** Where a session with Python finds its environment. */
export const VENV_PATH = '/venv';

const PYTHON = '/usr/bin/python3';
const MAKE_WITHIN_MS = 120_000;
/** As text, as a session that runs it does not see the file. */
const MAKE_VENV = new URL('./make-venv.py', import.meta.url);

const makeVenv = (target: string): readonly string[] => ['-I', '-c', readFileSync(MAKE_VENV, 'utf8'), target];

/** Why this host can't have Python environments, as a sentence that says what to install; null if it can. */
export function findPythonProblem(): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(PYTHON, ['-I', '-c', 'import venv, ensurepip'], { cwd: '/', env: {} }, (error) => {
      if (!error) return resolve(null);
      const what = existsSync(PYTHON) ? 'python3-venv (venv and ensurepip)' : 'python3 and python3-venv';
      resolve(`This machine lacks a system Python with venv: install ${what} for python and pip in sessions.`);
    });
  });
}

/** Asks once, and remembers the answer, also that nothing is missing. */
export const askedOnce = (ask: () => Promise<string | null>): (() => Promise<string | null>) => {
  let answer: Promise<string | null> | null = null;
  return () => {
    answer ??= ask();
    return answer;
  };
};

/**
 * The template of all sessions' environments, kept in the data folder until the host's Python changes.
 * `make` runs Python with what makes one at VENV_PATH where it is safe to, and answers the folder that came of it and a way to
 * let go of that.
 */
export async function venvTemplate(
  dir: string,
  make: (argv: readonly string[]) => Promise<{ readonly made: string; release(): Promise<void> }>,
): Promise<string> {
  const home = join(dir, '.python');
  const template = join(home, 'venv');
  const stamp = String(statSync(PYTHON).mtimeMs);
  const stampFile = join(home, 'stamp');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return template;
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true, mode: 0o755 });
  const { made, release } = await make([PYTHON, ...makeVenv(VENV_PATH)]);
  try {
    // Renamed into place, so that a half-made template is never used.
    cpSync(made, `${template}.part`, { recursive: true, verbatimSymlinks: true });
    renameSync(`${template}.part`, template);
    writeFileSync(stampFile, stamp);
  } finally {
    await release();
  }
  return template;
}

/** A copy at another place: scripts name the folder that their environment was made in. */
function copyVenv(template: string, target: string): void {
  cpSync(template, target, { recursive: true, verbatimSymlinks: true });
  for (const entry of entriesOf(join(target, 'bin'))) {
    if (!entry.isFile()) continue;
    const path = join(target, 'bin', entry.name);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(template, target));
  }
}

/** An environment at a host folder, for a session without namespaces: a copy of one that is made once. */
export async function plainVenv(dir: string, target: string): Promise<void> {
  const template = join(dir, '.python-plain');
  if (!existsSync(join(template, 'stamp'))) {
    rmSync(template, { recursive: true, force: true });
    await new Promise<void>((resolve, reject) => {
      execFile(PYTHON, makeVenv(template), { cwd: '/', env: {}, timeout: MAKE_WITHIN_MS }, (error) =>
        error ? reject(error) : resolve(),
      );
    });
    writeFileSync(join(template, 'stamp'), '');
  }
  copyVenv(template, target);
}
