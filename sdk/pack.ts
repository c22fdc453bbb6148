import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..');

/** The npm packages by the folder that each is built from; each folder's build.ts writes what is published. */
const PACKAGES = ['typescript', 'cli', 'standalone'] as const;
type Package = (typeof PACKAGES)[number];

/** Builds a package into a folder beside its tarball. @returns the path of the tarball */
const pack = async (name: Package, out: string): Promise<string> => {
  const staged = join(out, name);
  await run(process.execPath, [join(ROOT, 'sdk', name, 'build.ts'), staged], { cwd: ROOT });
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', out];
  const { stdout } = await run('npm', args, { cwd: staged });
  const [packed] = JSON.parse(stdout) as { readonly filename: string }[];
  if (!packed) throw new Error(`npm pack made nothing of ${staged}`);
  return join(out, packed.filename);
};

const usage = (complaint: string): never => {
  process.stderr.write(`${complaint}
usage: node sdk/pack.ts [--out <a new or empty folder>] [${PACKAGES.join('] [')}]
`);
  process.exit(2);
};

const wanted = (names: readonly string[]): readonly Package[] => {
  if (names.length === 0) return PACKAGES;
  const stranger = names.find((name) => !PACKAGES.some((known) => known === name));
  if (stranger !== undefined) usage(`there is no package ${stranger}`);
  return PACKAGES.filter((known) => names.includes(known));
};

const { values, positionals } = parseArgs({ options: { out: { type: 'string' } }, allowPositionals: true });
const names = wanted(positionals);
const own = join(ROOT, 'dist', 'packages');
const out = resolve(values.out ?? own);
// Only what is ours is emptied: of another folder the builds refuse one that has something in it.
if (out === own) await rm(own, { recursive: true, force: true });
await mkdir(out, { recursive: true });
for (const name of names) process.stdout.write(`${await pack(name, out)}\n`);
