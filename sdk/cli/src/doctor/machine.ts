import { execFile } from 'node:child_process';
import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { formatSize } from '../ui/size.ts';
import { type Finding, ok, problem, warning } from './check.ts';

const run = promisify(execFile);
const OLDEST_NODE = 22;
const OLDEST_NODE_TO_SERVE = 24;
/** With less free space the server creates no sessions. */
const LEAST_FREE_BYTES = 1024 ** 3;
const PROGRAM_LIMIT_MS = 10_000;

export const nodeFinding = (version: string = process.versions.node): Finding => {
  const major = Number(version.split('.')[0]);
  if (major < OLDEST_NODE)
    return problem('Node', `${version} is too old`, `Install Node ${OLDEST_NODE} or later: https://nodejs.org`);
  if (major >= OLDEST_NODE_TO_SERVE) return ok('Node', version);
  return warning(
    'Node',
    `${version} runs this program, but it is too old for the local server`,
    `Install Node ${OLDEST_NODE_TO_SERVE} or later to run the server here, or \`npm install node-linux-${process.arch}@26\` next to onmemos.`,
  );
};

const foundProgram = async (name: string): Promise<string | null> => {
  for (const folder of (process.env['PATH'] ?? '').split(':')) {
    const path = join(folder, name);
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (folder !== '' && usable && (await stat(path)).isFile()) return path;
  }
  return null;
};

const works = (program: string, args: readonly string[]): Promise<boolean> =>
  run(program, [...args], { timeout: PROGRAM_LIMIT_MS }).then(
    () => true,
    () => false,
  );

interface Program {
  readonly name: string;
  readonly without: string;
  readonly debian: string;
}

const PROGRAMS: readonly Program[] = [
  { name: 'perl', without: 'sessions cannot be isolated', debian: 'perl-base' },
  { name: 'setpriv', without: 'sessions have no network of their own', debian: 'util-linux' },
  { name: 'pasta', without: 'sessions have no network of their own', debian: 'passt' },
  { name: 'python3', without: 'sessions have no Python', debian: 'python3 python3-venv' },
];

/** Checks the programs with which the local server creates sessions. */
export const programFindings = async (): Promise<readonly Finding[]> => {
  const findings = PROGRAMS.map(async ({ name, without, debian }) => {
    const path = await foundProgram(name);
    return path ? ok(name, path) : warning(name, `is not installed: ${without}`, `apt-get install ${debian}`);
  });
  const venv = async (): Promise<readonly Finding[]> => {
    const python = await foundProgram('python3');
    if (!python || (await works(python, ['-c', 'import venv, ensurepip']))) return [];
    return [
      warning('python3-venv', 'is not installed: sessions have Python without pip', 'apt-get install python3-venv'),
    ];
  };
  return [...(await Promise.all(findings)), ...(await venv())];
};

/** The nearest existing folder, because the data folder is only created at first use. */
const nearest = async (path: string): Promise<string> => {
  const there = await stat(path).catch(() => null);
  return there || dirname(path) === path ? path : nearest(dirname(path));
};

/** Checks whether the data folder can be written and how much space is free. */
export const diskFindings = async (dataDir: string): Promise<readonly Finding[]> => {
  const folder = await nearest(dataDir);
  const writable = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  return [
    writable
      ? ok('Data folder', dataDir)
      : problem(
          'Data folder',
          `${folder} can’t be written`,
          'Give yourself write permission, or set ONMEMOS_DATA_DIR.',
        ),
    free >= LEAST_FREE_BYTES
      ? ok('Disk', `${formatSize(free)} free at ${folder}`)
      : problem(
          'Disk',
          `only ${formatSize(free)} free at ${folder}: the server creates no session below 1Gi`,
          'Free some space there, or set ONMEMOS_DATA_DIR.',
        ),
  ];
};
