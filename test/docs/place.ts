import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { keeperPids, NODE, personEnv } from '../acceptance/support/server.ts';
import { until } from '../acceptance/support/until.ts';
import { type Language, ROOT } from './snippets.ts';

const run = promisify(execFile);
const MOST_OUTPUT = 16 * 1024 * 1024;

/** Where the programs of a page run: a folder that looks like a clone of the repository, with a home beside it. */
export interface Place {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly python: string;
  /** The folder of TypeScript programs. */
  readonly programs: string;
  /** Said in a page, and what stands for it here. */
  readonly replace: Readonly<Record<string, string>>;
}

export const makeClone = async (within: string): Promise<string> => {
  const folder = await mkdtemp(join(within, 'clone-'));
  for (const name of await readdir(ROOT))
    if (!name.startsWith('.')) await symlink(join(ROOT, name), join(folder, name));
  return folder;
};

/** A folder whose programs find the TypeScript SDK as it is published, and the types of Node. */
export const makePrograms = async (within: string): Promise<string> => {
  const modules = join(within, 'programs', 'node_modules');
  await mkdir(modules, { recursive: true });
  await run(NODE, [join(ROOT, 'sdk', 'typescript', 'build.ts'), join(modules, 'onmemos')]);
  await symlink(join(ROOT, 'node_modules', '@types'), join(modules, '@types'));
  await writeFile(join(modules, '..', 'package.json'), '{"private": true, "type": "module"}\n');
  return join(within, 'programs');
};

/** A person's environment, with our `node` and `onmemos` on the path; nothing of ours is set but what is given. */
export const envOf = (home: string, more: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(personEnv()).filter(([name]) => !/^(PYTHON|XDG_)/.test(name))),
  PATH: `${ROOT}:${dirname(NODE)}:${process.env['PATH'] ?? ''}`,
  HOME: home,
  NO_COLOR: '1',
  ...more,
});

/** The same place for a person who has a clone and has installed nothing: there is no `onmemos` on the path. */
export const justCloned = (place: Place): Place => {
  const folders = (place.env['PATH'] ?? '').split(':').filter((folder) => !existsSync(join(folder, 'onmemos')));
  return { ...place, env: { ...place.env, PATH: folders.join(':') } };
};

/**
 * `npm ci` was done before the suite. A server that a page starts goes on behind it, as in a terminal of its own; the next
 * command waits until it serves.
 */
const SHELL = `exec 2>&1
npm() {
  case "$*" in
    ci) ;;
    start)
      (cd "${ROOT}" && exec sh functions/standalone/run.sh functions/standalone/start.mjs > "$HOME/server.log" 2>&1 < /dev/null) &
      until grep -q 'serves at' "$HOME/server.log"; do
        kill -0 $! || { cat "$HOME/server.log"; return 1; }
        sleep 0.2
      done ;;
    *) command npm --prefix "${ROOT}" "$@" ;;
  esac
}
`;

const said = (error: unknown): Error => {
  const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
  return new Error(`${(error as Error).message.split('\n')[0]}\n${stdout}\n${stderr}`);
};

/** Runs a program of a page to its end, and answers what it printed. @throws Error with all that it printed, where it fails */
export const runProgram = async (place: Place, language: Language, page: string, text: string): Promise<string> => {
  const program = Object.entries(place.replace).reduce((before, [name, value]) => before.replaceAll(name, value), text);
  const options = { cwd: place.folder, env: place.env, maxBuffer: MOST_OUTPUT };
  try {
    if (language === 'sh') return (await run('sh', ['-euc', `${SHELL}${program}`], options)).stdout;
    const file = join(language === 'ts' ? place.programs : place.folder, `${page.replaceAll(/\W/g, '-')}.${language}`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, program);
    return (await run(language === 'ts' ? NODE : place.python, [file], options)).stdout;
  } catch (error) {
    throw said(error);
  }
};

/** Ends what serves a data folder, and waits until its keeper has gone too. */
export const endServer = async (dataDir: string): Promise<void> => {
  const note = await readFile(join(dataDir, 'server.json'), 'utf8').catch(() => null);
  if (note !== null) process.kill((JSON.parse(note) as { pid: number }).pid, 'SIGTERM');
  for (const pid of await keeperPids(dataDir)) process.kill(pid, 'SIGTERM');
  await until('the keeper has gone', async () => (await keeperPids(dataDir)).length === 0);
};

export const makeFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'onmemos-docs-'));
export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
