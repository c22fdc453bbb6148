import { closeSync, fsync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/** A folder that this user can't open, or a file system that can't sync folders: ignored. */
const LEFT_TO_THE_SYSTEM = ['EACCES', 'EPERM', 'EINVAL', 'ENOTSUP'];

const refuse = (error: unknown): void => {
  if (!LEFT_TO_THE_SYSTEM.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
};

/** Puts the names in a folder on the disk. Without it a file that was synced can lose its name when the power fails. */
export const syncNames = (folder: string): void => {
  try {
    const descriptor = openSync(folder, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    refuse(error);
  }
};

/** The same; only the wait for the disk is left to another thread. */
export const syncNamesAside = async (folder: string): Promise<void> => {
  try {
    const descriptor = openSync(folder, 'r');
    try {
      await promisify(fsync)(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    refuse(error);
  }
};

/** Makes a folder, for its owner alone, with those above it that are missing. It is on the disk afterwards. */
export const makeFolder = (folder: string): void => {
  const first = mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = folder; ; made = dirname(made)) {
    syncNames(dirname(made));
    if (made === first) return;
  }
};
