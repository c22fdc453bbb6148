/** After `npm install`: takes out of package-lock.json what would keep an old npm, or one on an old Node, from installing all. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = join(import.meta.dirname, '..', '..', 'package-lock.json');

interface Lock {
  readonly packages: Record<string, { engines?: unknown }>;
}

/**
 * npm compares `engines` with the Node that it runs on itself, warns, and leaves out optional packages that do not fit:
 * under Node 18 the test runner lacks its native part. All of it runs on the Node that is installed with it.
 */
export const withoutEngines = (text: string): string => {
  const lock = JSON.parse(text) as Lock;
  for (const entry of Object.values(lock.packages)) delete entry.engines;
  return `${JSON.stringify(lock, null, 2)}\n`;
};

if (import.meta.main) await writeFile(FILE, withoutEngines(await readFile(FILE, 'utf8')));
