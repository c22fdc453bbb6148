import { randomUUID } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Buckets } from '#ports/buckets.ts';
import type { Logger } from '#ports/logger.ts';
import { folderBytes } from './folder-size.ts';

const KEY = /^[a-z0-9][a-z0-9._-]{0,127}$/;
/** No key starts with a dot, so a folder on its way out is never taken for a bucket. */
const LEAVING = '.leaving-';
const MIB = 1024 * 1024;

export interface DirectoryBucketsOptions {
  /** The folder of the buckets' folders; made if need be, readable by the owner alone. */
  readonly root: string;
  readonly kind: string;
  readonly log: Logger;
}

/** Buckets that are folders of one machine. Their size is watched, not enforced. */
export const directoryBuckets = (options: DirectoryBucketsOptions): DirectoryBuckets => new DirectoryBuckets(options);

export class DirectoryBuckets implements Buckets {
  readonly kind: string;
  readonly size_limit = 'watched';
  readonly #root: string;
  readonly #log: Logger;

  constructor({ root, kind, log }: DirectoryBucketsOptions) {
    this.kind = kind;
    this.#root = root;
    this.#log = log;
  }

  /** Where a bucket's bytes lie, for the driver that mounts it. @throws TypeError */
  path(key: string): string {
    if (!KEY.test(key)) throw new TypeError(`${JSON.stringify(key.slice(0, 80))} can't be the key of a bucket`);
    return join(this.#root, key);
  }

  async ensure(key: string, _size_mb: number): Promise<void> {
    const path = this.path(key);
    await mkdir(this.#root, { recursive: true, mode: 0o700 });
    try {
      await mkdir(path, { mode: 0o755 });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      if (!(await lstat(path)).isDirectory()) throw new Error(`${path} is in the way of a bucket: it is not a folder`);
    }
  }

  /** The key is free at once; the bytes go before this resolves. */
  async remove(key: string): Promise<void> {
    try {
      await rename(this.path(key), join(this.#root, `${LEAVING}${key}-${randomUUID()}`));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
    const leaving = (await this.#names()).filter((name) => name.startsWith(`${LEAVING}${key}-`));
    for (const name of leaving) await erase(join(this.#root, name));
  }

  async usage(key: string): Promise<number | null> {
    const bytes = await folderBytes(this.path(key));
    return bytes === null ? null : bytes / MIB;
  }

  async list(): Promise<readonly string[]> {
    const names = await this.#names();
    // A removal that a crash cut short has freed its key already; its bytes are nobody's and go now.
    for (const name of names.filter((candidate) => candidate.startsWith(LEAVING))) {
      await erase(join(this.#root, name)).catch((error: unknown) => {
        this.#log.warn({ error, name }, 'the rest of a removed bucket could not be erased');
      });
    }
    const found = [];
    for (const name of names) {
      const stats = KEY.test(name) ? await lstat(join(this.#root, name)).catch(() => null) : null;
      if (stats?.isDirectory()) found.push(name);
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
