import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..', '..');
const OUT = join(ROOT, 'dist', 'standalone');

/** Native code and files that are read from their own package stay outside. */
const EXTERNAL = ['@lydell/node-pty', 'swagger-ui-dist'];

/** Some of what is bundled is CommonJS and asks for Node's modules in its own way. */
const BANNER =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
const result = await build({
  absWorkingDir: ROOT,
  entryPoints: {
    main: 'functions/standalone/main.ts',
    keeper: 'functions/keeper/main.ts',
    data: 'functions/standalone/data.ts',
  },
  outdir: OUT,
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  external: EXTERNAL,
  banner: { js: BANNER },
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});
for (const file of ['launch.pl', 'make-venv.py']) {
  await copyFile(join(ROOT, 'functions/keeper/sandbox', file), join(OUT, file));
}
await copyFile(join(ROOT, 'functions/standalone/start.mjs'), join(OUT, 'start.mjs'));

const sizes = Object.entries(result.metafile.outputs).map(([file, { bytes }]) => ({
  file,
  kib: Math.round(bytes / 1024),
}));
for (const { file, kib } of sizes.sort((a, b) => b.kib - a.kib)) console.log(`${String(kib).padStart(6)} KiB  ${file}`);
