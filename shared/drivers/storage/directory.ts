import { randomUUID } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '#ports/logger.ts';
import type { OwnedStorage, StorageDriver, StorageKind, StoragePlace, StorageRemoval } from '#ports/storages.ts';
import { folderBytes } from './folder-size.ts';

const KEY = /^[a-z0-9][a-z0-9._-]{0,127}$/;
/** No key starts with a dot, so a folder that is being removed is never treated as a volume. */
const LEAVING = '.leaving-';
const MIB = 1024 * 1024;

export interface DirectoryStorageOptions {
  /** The parent of all these folders. Created if needed, readable only by its owner. */
  readonly root: string;
  readonly kind: StorageKind;
  readonly log: Logger;
}

/** Volumes or buckets as folders on one machine. Their size is measured but not limited. */
export const directoryStorage = (options: DirectoryStorageOptions): DirectoryStorage => new DirectoryStorage(options);

export class DirectoryStorage implements StorageDriver {
  readonly provider: string = 'local';
  readonly kind: StorageKind;
  readonly size_limit = 'watched';
  readonly #root: string;
  readonly #log: Logger;

  constructor({ root, kind, log }: DirectoryStorageOptions) {
    this.kind = kind;
    this.#root = root;
    this.#log = log;
  }

  /** The path of the folder, for the compute driver that mounts it. @throws TypeError */
  path(key: string): string {
    if (!KEY.test(key)) throw new TypeError(`${JSON.stringify(key.slice(0, 80))} can’t be the key of a ${this.kind}`);
    return join(this.#root, key);
  }

  async ensure({ key }: StoragePlace, _size_mb: number): Promise<void> {
    const path = this.path(key);
    await mkdir(this.#root, { recursive: true, mode: 0o700 });
    try {
      await mkdir(path, { mode: 0o755 });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      if (!(await lstat(path)).isDirectory())
        throw new Error(`${path} is in the way of a ${this.kind}: it is not a folder`);
    }
  }

  /** Frees the key at once, and removes the bytes before this resolves. */
  async remove({ key }: StoragePlace): Promise<StorageRemoval> {
    try {
      await rename(this.path(key), join(this.#root, `${LEAVING}${key}-${randomUUID()}`));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
    const leaving = (await this.#names()).filter((name) => name.startsWith(`${LEAVING}${key}-`));
    for (const name of leaving) await erase(join(this.#root, name));
    return 'gone';
  }

  async usage({ key }: StoragePlace): Promise<number | null> {
    const bytes = await folderBytes(this.path(key));
    return bytes === null ? null : bytes / MIB;
  }

  async isEmpty({ key }: StoragePlace): Promise<'yes' | 'no' | 'unknown'> {
    try {
      return (await readdir(this.path(key))).length === 0 ? 'yes' : 'no';
    } catch (error) {
      return codeOf(error) === 'ENOENT' ? 'yes' : 'unknown';
    }
  }

  async list(): Promise<readonly OwnedStorage[]> {
    const names = await this.#names();
    // A removal that a crash interrupted has already freed its key. No record has its bytes, so they are removed now.
    for (const name of names.filter((candidate) => candidate.startsWith(LEAVING))) {
      await erase(join(this.#root, name)).catch((error: unknown) => {
        this.#log.warn({ error, name }, 'the rest of a removed folder could not be erased');
      });
    }
    const found: OwnedStorage[] = [];
    for (const key of names) {
      const stats = KEY.test(key) ? await lstat(join(this.#root, key)).catch(() => null) : null;
      // Only the name of the folder is known here: the record has its owner.
      if (stats?.isDirectory())
        found.push({ place: { key, owner: '', workspace_id: '' }, created_at: Math.floor(stats.birthtimeMs) });
    }
    return found;
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.#root);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    }
  }
}

/** Removes a tree with any file modes. */
const erase = async (path: string): Promise<void> => {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    await unlock(path);
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
};

/** Gives the owner the rights to read, write and enter folders, which removing their entries needs. */
const unlock = async (top: string): Promise<void> => {
  const folders = [top];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    await chmod(folder, 0o700);
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) folders.push(join(folder, entry.name));
    }
  }
};

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);
