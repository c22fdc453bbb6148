import { randomUUID } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '#ports/logger.ts';
import type { OwnedStorage, StorageDriver, StorageKind, StoragePlace } from '#ports/storages.ts';
import { folderBytes } from './folder-size.ts';

const KEY = /^[a-z0-9][a-z0-9._-]{0,127}$/;
/** No key starts with a dot, so a folder on its way out is never taken for a volume. */
const LEAVING = '.leaving-';
const MIB = 1024 * 1024;

export interface DirectoryStorageOptions {
  /** The folder of the folders; made if need be, readable by its owner alone. */
  readonly root: string;
  readonly kind: StorageKind;
  readonly log: Logger;
}

/** Volumes or buckets that are folders of one machine. Their size is watched, not enforced. */
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

  /** Where the bytes lie, for the compute driver that mounts them. @throws TypeError */
  path(key: string): string {
    if (!KEY.test(key)) throw new TypeError(`${JSON.stringify(key.slice(0, 80))} can't be the key of a ${this.kind}`);
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

  /** The key is free at once; the bytes go before this resolves. */
  async remove({ key }: StoragePlace): Promise<void> {
    try {
      await rename(this.path(key), join(this.#root, `${LEAVING}${key}-${randomUUID()}`));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
    const leaving = (await this.#names()).filter((name) => name.startsWith(`${LEAVING}${key}-`));
    for (const name of leaving) await erase(join(this.#root, name));
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
    // A removal that a crash cut short has freed its key already; its bytes are nobody's and go now.
    for (const name of names.filter((candidate) => candidate.startsWith(LEAVING))) {
      await erase(join(this.#root, name)).catch((error: unknown) => {
        this.#log.warn({ error, name }, 'the rest of a removed folder could not be erased');
      });
    }
    const found: OwnedStorage[] = [];
    for (const key of names) {
      const stats = KEY.test(key) ? await lstat(join(this.#root, key)).catch(() => null) : null;
      // A folder is found by its name alone: whose it is stands on its record.
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

/** Removes a tree whatever modes its owner left on it. */
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

/** Entries can only be taken out of a folder that its owner may read, write and enter. */
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
