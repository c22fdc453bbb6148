/** `npm run bundle:cloud`: the functions of Google Cloud, each as a folder that needs nothing else but Node. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { CLOUD_FUNCTIONS, type CloudFunction } from '#wiring/google-cloud-settings.ts';
import { PAGE_FILES } from '../api/routes/docs.ts';
import { noticesOf } from '../standalone/notices.ts';
import { lazyLibraries } from './lazy-libraries.ts';
import { type Load, type Loads, loadsOf } from './loads.ts';
import { vendorJson } from './vendor-json.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

/** Much of what is bundled is CommonJS, and asks for Node's modules and its own place in its own way. */
const BANNER = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;',
].join(' ');

/**
 * Loads every file once in a process of its own, so that what Node compiles is kept. The program itself ends at once
 * where it has no settings.
 */
const fillCache = async (out: string, later: readonly string[]): Promise<void> => {
  const cache = JSON.stringify({ directory: join(out, '.cache'), portable: true });
  const load = `const { enableCompileCache } = await import('node:module'); enableCompileCache(${cache}); for (const file of ${JSON.stringify(later)}) await import(file);`;
  const env = { PATH: process.env['PATH'], METADATA_SERVER_DETECTION: 'none' };
  await run(process.execPath, ['--input-type=module', '--eval', load], { cwd: out, env });
  const started = await run(process.execPath, ['main.js'], { cwd: out, env }).catch((error: unknown) => error);
  const { stdout = '' } = started as { stdout?: string };
  if (!stdout.includes('must be set')) throw new Error(`the bundle does not run: ${JSON.stringify(started)}`);
};

interface Program {
  readonly name: string;
  /** Its first file, from the root of the repository. Without settings it says what "must be set", and ends. */
  readonly entry: string;
  /** Files that it serves. */
  readonly pages?: readonly string[];
}

/** Puts a program into a folder: its own code in one file, and libraries in files that are loaded at first use. */
export const bundleProgram = async ({ name, entry, pages = [] }: Program, out: string): Promise<Loads> => {
  await mkdir(out, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { function: entry },
    outdir: out,
    bundle: true,
    splitting: true,
    chunkNames: 'vendor/[name]-[hash]',
    platform: 'node',
    target: 'node26',
    format: 'esm',
    banner: { js: BANNER },
    plugins: [lazyLibraries(ROOT), vendorJson],
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  await copyFile(join(import.meta.dirname, 'start.mjs'), join(out, 'main.js'));
  await writeFile(join(out, 'package.json'), `${JSON.stringify({ type: 'module', private: true })}\n`);
  if (pages.length > 0) await mkdir(join(out, 'docs'), { recursive: true });
  for (const page of pages) await copyFile(page, join(out, 'docs', basename(page)));
  await writeFile(join(out, 'NOTICES'), await noticesOf([...Object.keys(metafile.inputs), ...pages]));
  const loads = loadsOf(metafile.outputs, relative(ROOT, join(out, 'function.js')), name);
  const files = [...new Set(loads.later.flatMap((load) => load.files))];
  await fillCache(
    out,
    files.map((file) => join(ROOT, file)),
  );
  return loads;
};

/** Puts one function into a folder. */
export const bundleFunction = (name: CloudFunction, out: string): Promise<Loads> => {
  const pages = name === 'api' ? PAGE_FILES : [];
  return bundleProgram(
    {
      name,
      entry: `functions/${name}/main.ts`,
      pages: pages.map((page) => fileURLToPath(import.meta.resolve(`swagger-ui-dist/${page}`))),
    },
    out,
  );
};

const kib = (bytes: number): string => `${String(Math.round(bytes / 1024)).padStart(6)} KiB`;
const shown = ({ bytes, name, packages }: Load, when: string): string =>
  `${kib(bytes)}  ${when} ${name}, with ${packages.length} packages`;

if (import.meta.main) {
  for (const name of CLOUD_FUNCTIONS) {
    const out = join(ROOT, 'dist', 'cloud', name);
    await rm(out, { recursive: true, force: true });
    const { start, later } = await bundleFunction(name, out);
    const lines = [
      `dist/cloud/${name}`,
      shown(start, 'at the start of'),
      ...later.map((each) => shown(each, 'at the first use of')),
    ];
    console.log(lines.join('\n'));
  }
}
