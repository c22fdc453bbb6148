import { chmod, copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { bundle, EXTERNAL } from '../../functions/standalone/bundle.ts';

const HERE = import.meta.dirname;
const ROOT = join(HERE, '..', '..');

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const manifestOf = async (folder: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;

/** What the bundle leaves outside, in the very versions that this repository runs with. @throws Error for one it lacks */
const dependencies = ({ dependencies: versions = {} }: Manifest): Record<string, string> =>
  Object.fromEntries(
    EXTERNAL.map((name) => {
      const version = versions[name];
      if (version === undefined) throw new Error(`package.json has no dependency ${name}`);
      return [name, version];
    }),
  );

/** Writes the package as it is published into a folder that is new or empty. */
export const buildPackage = async (out: string): Promise<void> => {
  await mkdir(out, { recursive: true });
  if ((await readdir(out)).length > 0) throw new Error(`${out} is not empty`);
  await bundle(out);
  await chmod(join(out, 'start.mjs'), 0o755);
  const manifest = {
    ...(await manifestOf(HERE)),
    bin: { 'onmemos-standalone': 'start.mjs' },
    dependencies: dependencies(await manifestOf(ROOT)),
  };
  await writeFile(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await copyFile(join(HERE, 'README.md'), join(out, 'README.md'));
  await copyFile(join(ROOT, 'LICENSE'), join(out, 'LICENSE'));
};

if (import.meta.main) {
  const out = process.argv[2];
  if (out === undefined) {
    process.stderr.write('usage: node sdk/standalone/build.ts <a new or empty folder>\n');
    process.exit(2);
  }
  await buildPackage(resolve(out));
}
