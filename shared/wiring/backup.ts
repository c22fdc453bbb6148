import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { copyDatabase } from '#drivers/store/sqlite/backup.ts';
import { checkStoreFile } from '#drivers/store/sqlite/inspect.ts';
import { syncNames } from '#platform/durable-folder.ts';
import { DOCUMENTS } from './documents.ts';

const run = promisify(execFile);

/** What a data folder is made of; what the keeper has besides belongs to sessions that live now. */
const DATABASE = 'store.db';
const SMALL = ['keyring.json', 'admin.key'];
const FOLDERS = ['volumes', 'buckets'];

/** The folder is not what the command needs: the sentence says what to do. */
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

/** Owners, modes and links as they are, which `cp` of Node does not keep. */
const copyTree = async (from: string, to: string): Promise<void> => {
  if (await exists(from)) await run('cp', ['-a', '--', from, to]);
};

/**
 * Puts a folder under its name, both on the disk: after a power failure it is there whole or not at all. The file
 * system is synced first, which is quick; what each file then has left is checked one by one.
 */
const publish = async (partial: string, target: string): Promise<void> => {
  await run('sync', ['-f', '--', partial]);
  await run('find', [partial, '(', '-type', 'f', '-o', '-type', 'd', ')', '-exec', 'sync', '--', '{}', '+']);
  await rm(target, { recursive: true, force: true });
  await rename(partial, target);
  syncNames(dirname(target));
};

/**
 * Copies a data folder while its server runs: the store as it is at one moment, then keys, volumes and buckets as
 * they are when they are read. Whole or not at all. @throws BadFolder
 */
export const backUp = async (dataDir: string, target: string): Promise<void> => {
  if (!(await exists(join(dataDir, DATABASE))))
    throw new BadFolder(`${dataDir} is no data folder of OnMemOS: it has no ${DATABASE}.`);
  if (!(await isEmpty(target))) throw new BadFolder(`${target} is no empty folder. Name one that does not exist yet.`);
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
 * Makes a data folder out of a backup. The folder must be new or empty, so that nothing is written over. Sessions that
 * lived at the backup end as `failed` when a server starts on it. @throws BadFolder, StoreTooNew
 */
export const restore = async (source: string, dataDir: string): Promise<void> => {
  if (!(await exists(join(source, DATABASE))))
    throw new BadFolder(`${source} is no backup of OnMemOS: it has no ${DATABASE}.`);
  if (!(await isEmpty(dataDir)))
    throw new BadFolder(
      `${dataDir} is no empty folder. Stop its server and move the folder away, or set ONMEMOS_DATA_DIR to another one.`,
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
