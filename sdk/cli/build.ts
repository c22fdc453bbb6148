import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { noticesOf } from '../../functions/standalone/notices.ts';

const HERE = import.meta.dirname;
const LICENSE = join(HERE, '..', '..', 'LICENSE');
/** What the published package keeps of its manifest: everything that it needs but Node is in the bundle. */
const KEPT = ['name', 'version', 'description', 'license', 'type', 'engines', 'bin', 'optionalDependencies'] as const;

/** Writes the package as it is published: the bundle with its chunks, manifest, README and licence. */
const writePackage = async (out: string): Promise<void> => {
  await rm(join(out, 'bin'), { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const { metafile } = await build({
    metafile: true,
    entryPoints: [join(HERE, 'bin', 'onmemos.mjs')],
    outdir: join(out, 'bin'),
    // All in one folder, so that the manifest lies one above each of them.
    chunkNames: '[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // Brings a newer Node and the service; the program works without it.
    external: ['@onmemos/standalone'],
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    legalComments: 'inline',
    logLevel: 'warning',
  });
  await chmod(join(out, 'bin', 'onmemos.mjs'), 0o755);
  const manifest = JSON.parse(await readFile(join(HERE, 'package.json'), 'utf8')) as Record<string, unknown>;
  const published = Object.fromEntries(KEPT.map((field) => [field, manifest[field]]));
  await writeFile(join(out, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
  await copyFile(join(HERE, 'README.md'), join(out, 'README.md'));
  await copyFile(LICENSE, join(out, 'LICENSE'));
  await writeFile(join(out, 'NOTICES'), await noticesOf(Object.keys(metafile.inputs)));
};

const [out] = process.argv.slice(2);
if (out === undefined) {
  process.stderr.write('node sdk/cli/build.ts <outdir>\n');
  process.exitCode = 2;
} else {
  await writePackage(resolve(out));
}
