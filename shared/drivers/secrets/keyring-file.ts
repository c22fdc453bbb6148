import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Ids } from '#ports/ids.ts';
import { makeFolder, syncNames } from '#platform/durable-folder.ts';

const KEY_BYTES = 32;
const KEY_NAME = /^[a-z0-9-]{1,40}$/;

/** Named keys. `current` seals new texts; every key can open texts that it sealed. */
export interface Keyring {
  readonly current: string;
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

/** The keyring can't be used. The message says what to do, and never holds a key. */
class KeyringUnusable extends Error {
  override readonly name = 'KeyringUnusable';
}

/** @throws KeyringUnusable with the file's path and what is wrong with it */
export const readKeyring = async (path: string): Promise<Keyring> => {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new KeyringUnusable(
      `The keyring ${path} can’t be read (${code}). Let this user read it, or mount the secret that holds it there. \`npm run admin -- keyring new\` prints a keyring for a new deployment.`,
      { cause: error },
    );
  }
  return parse(path, text);
};

const parse = (path: string, text: string): Keyring => {
  const wrong = (what: string): Error =>
    new KeyringUnusable(
      `${path} is not a keyring: ${what}. Put back its last good version: without its keys nothing that they sealed can be opened.`,
    );
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw wrong('it is not JSON');
  }
  const { current, keys } = Object(content) as { current?: unknown; keys?: unknown };
  if (typeof keys !== 'object' || keys === null) throw wrong('it has no keys');
  const ring = new Map<string, Uint8Array>();
  for (const [name, value] of Object.entries(keys)) {
    const key = Buffer.from(String(value), 'base64url');
    if (!KEY_NAME.test(name)) throw wrong(`"${name}" can’t be the name of a key`);
    if (key.length !== KEY_BYTES) throw wrong(`the key "${name}" does not have ${KEY_BYTES} bytes`);
    ring.set(name, key);
  }
  if (typeof current !== 'string' || !ring.has(current)) throw wrong('`current` is not the name of one of its keys');
  return { current, keys: ring };
};

/** Creates a keyring with one new key. Does not change an existing file, also if two processes create it at once. */
export const makeKeyring = async (path: string, ids: Pick<Ids, 'next' | 'random'>): Promise<void> => {
  makeFolder(dirname(path));
  const partial = await writePartial(path, withNewKey(null, ids), ids);
  try {
    await link(partial, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await rm(partial, { force: true });
  }
};

/** Adds a new key, which seals after the keyring is next opened. Old keys still open their texts. @returns its name */
export const rotateKeyring = async (path: string, ids: Pick<Ids, 'next' | 'random'>): Promise<string> => {
  const ring = withNewKey(await readKeyring(path), ids);
  await rename(await writePartial(path, ring, ids), path);
  syncNames(dirname(path));
  return ring.current;
};

const withNewKey = (ring: Keyring | null, ids: Pick<Ids, 'next' | 'random'>): Keyring => {
  const name = ids.next('key');
  return { current: name, keys: new Map([...(ring?.keys ?? []), [name, ids.random(KEY_BYTES)]]) };
};

const textOf = (ring: Keyring): string => {
  const keys = [...ring.keys].map(([name, key]) => [name, Buffer.from(key).toString('base64url')]);
  return `${JSON.stringify({ current: ring.current, keys: Object.fromEntries(keys) }, null, 2)}\n`;
};

/** The text of a new keyring, or of this one with a further key that seals from now on: for whoever keeps the secret. */
export const keyringText = (ring: Keyring | null, ids: Pick<Ids, 'next' | 'random'>): string =>
  textOf(withNewKey(ring, ids));

const writePartial = async (path: string, ring: Keyring, ids: Pick<Ids, 'next'>): Promise<string> => {
  const partial = `${path}.${ids.next('partial')}`;
  const file = await open(partial, 'wx', 0o600);
  try {
    await file.writeFile(textOf(ring));
    await file.sync();
  } finally {
    await file.close();
  }
  return partial;
};
