import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { PAGE_FILES } from '../api/routes/docs.ts';
import { noticesOf } from './notices.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Native code stays outside. */
export const EXTERNAL: readonly string[] = ['@lydell/node-pty'];

/** Some of what is bundled is CommonJS and asks for Node's modules in its own way. */
const BANNER =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** Files that run as they are, beside the bundle, by the names that they have there. */
const COPIED: Readonly<Record<string, string>> = {
  'launch.pl': 'functions/keeper/sandbox/launch/launch.pl',
  'wait.pl': 'functions/keeper/sandbox/launch/wait.pl',
  'make-venv.py': 'functions/keeper/sandbox/python/make-venv.py',
  'start.mjs': 'functions/standalone/start.mjs',
  'own-node.mjs': 'functions/standalone/own-node.mjs',
  'start-keeper.mjs': 'functions/keeper/start.mjs',
};

/** Puts the whole service into a folder, which needs the external packages and nothing else. @returns bytes by file */
export const bundle = async (out: string): Promise<ReadonlyMap<string, number>> => {
  await mkdir(out, { recursive: true });
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: {
      main: 'functions/standalone/main.ts',
      keeper: 'functions/keeper/main.ts',
      data: 'functions/standalone/data.ts',
    },
    outdir: out,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    external: [...EXTERNAL],
    banner: { js: BANNER },
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  for (const [name, file] of Object.entries(COPIED)) await copyFile(join(ROOT, file), join(out, name));
  await mkdir(join(out, 'docs'), { recursive: true });
  const pages = PAGE_FILES.map((name) => fileURLToPath(import.meta.resolve(`swagger-ui-dist/${name}`)));
  for (const page of pages) await copyFile(page, join(out, 'docs', basename(page)));
  await writeFile(join(out, 'NOTICES'), await noticesOf([...Object.keys(result.metafile.inputs), ...pages]));
  return new Map(Object.entries(result.metafile.outputs).map(([file, { bytes }]) => [file, bytes]));
};

if (import.meta.main) {
  const out = join(ROOT, 'dist', 'standalone');
  await rm(out, { recursive: true, force: true });
  const sizes = [...(await bundle(out))].sort(([, a], [, b]) => b - a);
  for (const [file, bytes] of sizes) console.log(`${String(Math.round(bytes / 1024)).padStart(6)} KiB  ${file}`);
}
