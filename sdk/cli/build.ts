import { chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const HERE = import.meta.dirname;
const LICENSE = join(HERE, '..', '..', 'LICENSE');
/** What the published package keeps of its manifest: everything that it needs but Node is in the bundle. */
const KEPT = ['name', 'version', 'description', 'license', 'type', 'engines', 'bin', 'optionalDependencies'] as const;

/** The licences of packages that come without the text of theirs. */
const KEPT_LICENCES: Readonly<Record<string, string>> = {
  '@xterm/addon-serialize': 'xterm.txt',
  '@xterm/headless': 'xterm.txt',
};

const MODULES = join(HERE, '..', '..', 'node_modules');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const manifestOf = async (name: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(MODULES, name, 'package.json'), 'utf8')) as Manifest;

/** The packages of others in a bundle of these files, with what they need: some are bundles of it themselves. */
const packagesOf = async (files: readonly string[]): Promise<readonly Manifest[]> => {
  const waiting = files.flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []);
  const found = new Map<string, Manifest>();
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    const manifest = await manifestOf(name);
    found.set(name, manifest);
    waiting.push(...Object.keys(manifest.dependencies ?? {}));
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
};

/** The text of a package's licence. @throws Error if there is none: no bundle goes without it */
const licenceOf = async (name: string): Promise<string> => {
  const file = (await readdir(join(MODULES, name))).find((one) => /^licen[cs]e/i.test(one));
  if (file !== undefined) return readFile(join(MODULES, name, file), 'utf8');
  const kept = KEPT_LICENCES[name];
  if (kept !== undefined) return readFile(join(HERE, 'licences', kept), 'utf8');
  throw new Error(`${name} has no licence file: keep the text of its licence in sdk/cli/licences.`);
};

/** The licences of the packages of others that are in the bundle: theirs ask for that. */
const noticesOf = async (files: readonly string[]): Promise<string> => {
  const notices = (await packagesOf(files)).map(async ({ name, version, license }) => {
    return `${name} ${version}, ${license}\n\n${(await licenceOf(name)).trim()}\n`;
  });
  const head = 'This program contains the packages below, each under its own licence.\n';
  return [head, ...(await Promise.all(notices))].join(`\n${'-'.repeat(76)}\n\n`);
};

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
