/**
 * For use after `npm install`: removes the parts of package-lock.json for which an old npm, or npm on an old Node,
 * skips packages.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = join(import.meta.dirname, '..', '..', 'package-lock.json');

interface Lock {
  readonly packages: Record<string, { engines?: unknown }>;
}

/**
 * npm compares `engines` with the Node on which npm runs. It warns and skips optional packages that do not fit, so
 * under Node 18 the test runner would lack its native part. But all packages run on the Node that npm installs with
 * them.
 */
export const withoutEngines = (text: string): string => {
  const lock = JSON.parse(text) as Lock;
  for (const entry of Object.values(lock.packages)) delete entry.engines;
  return `${JSON.stringify(lock, null, 2)}\n`;
};

if (import.meta.main) await writeFile(FILE, withoutEngines(await readFile(FILE, 'utf8')));
