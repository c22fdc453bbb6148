import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NODE, personEnv } from '../../acceptance/support/server.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..', '..');
const PROGRAMS = ['sample.ts', 'main.ts', 'page.ts'];

/** Compiles as a strict user of the package would, who knows of the web's own interfaces and nothing else. */
const COMPILER = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable', 'dom'],
    module: 'nodenext',
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    rewriteRelativeImportExtensions: true,
    rootDir: '.',
  },
};

export interface InstalledPackage {
  /** The folder that it was installed into, beside the sample's sources. */
  readonly folder: string;
  readonly remove: () => Promise<void>;
}

/** Packs the SDK as a release would, and installs the tarball into an empty folder. */
export const installedPackage = async (): Promise<InstalledPackage> => {
  const home = await mkdtemp(join(tmpdir(), 'onmemos-typescript-'));
  const folder = join(home, 'app');
  const packed = join(home, 'packages');
  await run(NODE, [join(ROOT, 'sdk', 'pack.ts'), '--out', packed, 'typescript'], { env: personEnv() });
  const tarballs = (await readdir(packed)).filter((name) => name.endsWith('.tgz')).map((name) => join(packed, name));
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), '{"private": true, "type": "module"}\n');
  const quiet = ['--no-audit', '--no-fund', '--offline', '--ignore-scripts'];
  await run('npm', ['install', ...quiet, ...tarballs], { cwd: folder, env: personEnv() });
  for (const name of PROGRAMS) await copyFile(join(import.meta.dirname, name), join(folder, name));
  return { folder, remove: () => rm(home, { recursive: true, force: true }) };
};

/** Compiles programs of the folder. @returns what the compiler complains of, empty where it does not */
export const compile = async (folder: string, files = PROGRAMS): Promise<string> => {
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ ...COMPILER, files }));
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
  return run(tsc, ['--project', folder], { cwd: folder, env: personEnv() }).then(
    () => '',
    (error: { readonly stdout?: string }) => error.stdout || String(error),
  );
};
