import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const HERE = import.meta.dirname;
const MODULES = join(HERE, '..', '..', 'node_modules');

/** The licences of packages that come without the text of theirs, in `licences`. */
const KEPT_LICENCES: Readonly<Record<string, string>> = {
  // The licence of this project too: Apache 2.0.
  '@google-cloud/tasks': '../../../LICENSE',
  '@hono/zod-openapi': 'hono.txt',
  '@hono/zod-validator': 'hono.txt',
  '@nodable/entities': 'gupta.txt',
  '@xterm/addon-serialize': 'xterm.txt',
  '@xterm/headless': 'xterm.txt',
  'data-uri-to-buffer': 'rajlich.txt',
  'stream-events': 'sawchuk.txt',
  stubs: 'sawchuk.txt',
};
/** What a package needs for its installation alone, and has not in what it ships. */
const NOT_SHIPPED: ReadonlySet<string> = new Set(['@scarf/scarf']);

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const manifestOf = async (name: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(MODULES, name, 'package.json'), 'utf8')) as Manifest;

/** The packages of others that have these files, with what they need: some are bundles of it themselves. */
const packagesOf = async (files: readonly string[]): Promise<readonly Manifest[]> => {
  const waiting = files.flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []);
  const found = new Map<string, Manifest>();
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name) || NOT_SHIPPED.has(name)) continue;
    const manifest = await manifestOf(name);
    found.set(name, manifest);
    waiting.push(...Object.keys(manifest.dependencies ?? {}));
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
};

/** The texts of a package's licence and notice. @throws Error if there is none: no bundle goes without it */
const licenceOf = async (name: string, files: readonly string[]): Promise<string> => {
  const folder = join(MODULES, name);
  // `<file>.LICENSE.txt` is the licence of what a file of the package has bundled.
  const ofFiles = new Set(files.map((file) => `${file.slice(file.lastIndexOf('/') + 1)}.LICENSE.txt`));
  const own = (await readdir(folder)).filter((one) => /^(licen[cs]e|notice)/i.test(one) || ofFiles.has(one));
  const kept = KEPT_LICENCES[name];
  const texts = [
    ...own.map((one) => join(folder, one)),
    ...(own.length === 0 && kept ? [join(HERE, 'licences', kept)] : []),
  ];
  if (texts.length === 0)
    throw new Error(`${name} has no licence file: keep its text in functions/standalone/licences.`);
  return (await Promise.all(texts.map((file) => readFile(file, 'utf8')))).map((text) => text.trim()).join('\n\n');
};

/** The licences of the packages of others in what is shipped: theirs ask for that. @param files what it is made of */
export const noticesOf = async (files: readonly string[]): Promise<string> => {
  const notices = (await packagesOf(files)).map(async ({ name, version, license }) => {
    const own = files.filter((file) => file.includes(`node_modules/${name}/`));
    return `${name} ${version}, ${license}\n\n${await licenceOf(name, own)}\n`;
  });
  const head = 'This program contains the packages below, each under its own licence.\n';
  return [head, ...(await Promise.all(notices))].join(`\n${'-'.repeat(76)}\n\n`);
};
