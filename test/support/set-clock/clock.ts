import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const PRELOAD = join(import.meta.dirname, 'preload.mjs');

/**
 * Writes a program into `folder` that runs the Node of the tests with another clock, which showed `start` at the time
 * of this call. Processes that it starts with its own Node, such as a server's keeper, have the same clock.
 */
export const nodeAt = async (folder: string, start: number): Promise<string> => {
  const program = join(folder, 'node-at');
  const url = pathToFileURL(PRELOAD);
  url.searchParams.set('by', String(start - Date.now()));
  url.searchParams.set('node', program);
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' --import '${url.href}' "$@"\n`);
  await chmod(program, 0o755);
  return program;
};
