import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const HERE = import.meta.dirname;
const ROOT = join(HERE, '..', '..');
const TSC = join(ROOT, 'node_modules', '.bin', 'tsc');

/** Declarations keep the extensions of their sources, which older compilers do not follow. */
const nameCompiledFiles = async (dist: string): Promise<void> => {
  for (const name of await readdir(dist, { recursive: true })) {
    if (!name.endsWith('.d.ts')) continue;
    const text = await readFile(join(dist, name), 'utf8');
    await writeFile(join(dist, name), text.replace(/(from '\.[^']*)\.ts'/g, "$1.js'"));
  }
};

/** Writes the package as it is published into a folder that is new or empty. */
export const buildPackage = async (out: string): Promise<void> => {
  await mkdir(out, { recursive: true });
  if ((await readdir(out)).length > 0) throw new Error(`${out} is not empty`);
  const dist = join(out, 'dist');
  await promisify(execFile)(TSC, ['--project', join(HERE, 'tsconfig.build.json'), '--outDir', dist]);
  await nameCompiledFiles(dist);
  const manifest = JSON.parse(await readFile(join(HERE, 'package.json'), 'utf8')) as Record<string, unknown>;
  const published = {
    ...manifest,
    scripts: undefined,
    types: './dist/index.d.ts',
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    files: ['dist'],
  };
  await writeFile(join(out, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
  await copyFile(join(HERE, 'README.md'), join(out, 'README.md'));
  await copyFile(join(ROOT, 'LICENSE'), join(out, 'LICENSE'));
};

if (import.meta.main) {
  const out = process.argv[2];
  if (out === undefined) {
    process.stderr.write('usage: node sdk/typescript/build.ts <a new or empty folder>\n');
    process.exit(2);
  }
  await buildPackage(resolve(out));
}
