import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { PAGE_FILES } from '../api/routes/docs.ts';

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
  for (const name of PAGE_FILES)
    await copyFile(fileURLToPath(import.meta.resolve(`swagger-ui-dist/${name}`)), join(out, 'docs', name));
  return new Map(Object.entries(result.metafile.outputs).map(([file, { bytes }]) => [file, bytes]));
};

if (import.meta.main) {
  const out = join(ROOT, 'dist', 'standalone');
  await rm(out, { recursive: true, force: true });
  const sizes = [...(await bundle(out))].sort(([, a], [, b]) => b - a);
  for (const [file, bytes] of sizes) console.log(`${String(Math.round(bytes / 1024)).padStart(6)} KiB  ${file}`);
}
