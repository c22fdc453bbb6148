import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { copyDatabase } from '#drivers/store/sqlite/backup.ts';
import { checkStoreFile } from '#drivers/store/sqlite/inspect.ts';
import { syncNames } from '#platform/durable-folder.ts';
import { DOCUMENTS } from './documents.ts';

const run = promisify(execFile);

/** The parts of a data folder that a backup copies. The keeper's other files belong to live sessions. */
const DATABASE = 'store.db';
const SMALL = ['keyring.json', 'admin.key'];
const FOLDERS = ['volumes', 'buckets'];

/** The folder can't be used for the command; the message says what to do. */
export class BadFolder extends Error {
  override readonly name = 'BadFolder';
}

const exists = async (path: string): Promise<boolean> => {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
};

const isEmpty = async (path: string): Promise<boolean> => {
  if (!(await exists(path))) return true;
  return (await stat(path)).isDirectory() && (await readdir(path)).length === 0;
};

/** Keeps owners, modes and links, which Node's `cp` does not. */
const copyTree = async (from: string, to: string): Promise<void> => {
  if (await exists(from)) await run('cp', ['-a', '--', from, to]);
};

/**
 * Renames a folder to its final name, so that after a power failure it is complete or absent. First syncs the whole
 * file system, which is quick, and then each file, to find files whose sync fails.
 */
const publish = async (partial: string, target: string): Promise<void> => {
  await run('sync', ['-f', '--', partial]);
  await run('find', [partial, '(', '-type', 'f', '-o', '-type', 'd', ')', '-exec', 'sync', '--', '{}', '+']);
  await rm(target, { recursive: true, force: true });
  await rename(partial, target);
  syncNames(dirname(target));
};

/**
 * Copies a data folder while its server runs: the store at one moment, then keys, volumes and buckets as they are when
 * they are read. The backup is complete or absent. @throws BadFolder
 */
export const backUp = async (dataDir: string, target: string): Promise<void> => {
  if (!(await exists(join(dataDir, DATABASE))))
    throw new BadFolder(`${dataDir} is not a data folder of OnMemOS: it has no ${DATABASE}.`);
  if (!(await isEmpty(target)))
    throw new BadFolder(`${target} is not an empty folder. Name a folder that does not exist yet.`);
  const partial = `${target}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true, mode: 0o700 });
  try {
    await copyDatabase(join(dataDir, DATABASE), join(partial, DATABASE));
    for (const name of SMALL)
      if (await exists(join(dataDir, name)))
        await cp(join(dataDir, name), join(partial, name), { preserveTimestamps: true });
    for (const name of FOLDERS) await copyTree(join(dataDir, name), join(partial, name));
    await publish(partial, target);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
};

/**
 * Creates a data folder from a backup. The folder must be new or empty, so that nothing is overwritten. Sessions that
 * were live at the time of the backup end as `failed` when a server starts on it. @throws BadFolder, StoreTooNew
 */
export const restore = async (source: string, dataDir: string): Promise<void> => {
  if (!(await exists(join(source, DATABASE))))
    throw new BadFolder(`${source} is not a backup of OnMemOS: it has no ${DATABASE}.`);
  if (!(await isEmpty(dataDir)))
    throw new BadFolder(
      `${dataDir} is not an empty folder. Stop its server and move the folder away, or set ONMEMOS_DATA_DIR to another one.`,
    );
  checkStoreFile(join(source, DATABASE), DOCUMENTS.schemaVersion);
  const partial = `${dataDir}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true, mode: 0o700 });
  try {
    for (const name of [DATABASE, ...SMALL, ...FOLDERS]) await copyTree(join(source, name), join(partial, name));
    await publish(partial, dataDir);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
};
