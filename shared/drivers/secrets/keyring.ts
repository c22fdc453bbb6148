import { createCipheriv, createDecipheriv } from 'node:crypto';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Ids } from '#ports/ids.ts';
import type { SealContext, Secrets } from '#ports/secrets.ts';
import { syncNames } from '#platform/durable-folder.ts';
import { type Keyring, makeKeyring, readKeyring } from './keyring-file.ts';

const FORM = 'v1';
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface KeyringOptions {
  /** JSON: `{"current": name, "keys": {name: 32 bytes as base64url}}`. */
  readonly path: string;
  /**
   * Creates a missing file with one new key, readable only by its owner. Otherwise nothing is ever written: the file may
   * be mounted read-only.
   */
  readonly createIfMissing: boolean;
  readonly ids: Pick<Ids, 'next' | 'random'>;
}

/**
 * A key that was added to the file is found when a text that it sealed is opened, without a restart; it seals in
 * processes that open the file from then on. So all processes can read it before the first needs to.
 * @throws KeyringUnusable if the file is missing and is not to be made, or if it is not a keyring
 */
export const openKeyring = async ({ path, createIfMissing, ids }: KeyringOptions): Promise<Secrets> => {
  if (createIfMissing) {
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (!there) await makeKeyring(path, ids);
    // Syncs before anything is sealed, because the process that created the file may have ended before its sync.
    syncNames(dirname(path));
  }
  return new KeyringSecrets(path, await readKeyring(path), ids);
};

class KeyringSecrets implements Secrets {
  readonly #path: string;
  readonly #ids: Pick<Ids, 'random'>;
  #ring: Keyring;

  constructor(path: string, ring: Keyring, ids: Pick<Ids, 'random'>) {
    this.#path = path;
    this.#ring = ring;
    this.#ids = ids;
  }

  async seal(plain: Uint8Array, associated: SealContext): Promise<string> {
    const { current, keys } = this.#ring;
    const key = keys.get(current);
    if (!key) throw new Error(`the keyring has no key "${current}"`);
    const nonce = this.#ids.random(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(bind(current, associated));
    const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    return `${FORM}.${current}.${sealed.toString('base64url')}`;
  }

  async open(sealed: string, associated: SealContext): Promise<Uint8Array> {
    const [form, name, text, ...more] = sealed.split('.');
    const bytes = Buffer.from(text ?? '', 'base64url');
    const whole = bytes.length >= NONCE_BYTES + TAG_BYTES && bytes.toString('base64url') === text;
    if (form !== FORM || name === undefined || more.length > 0 || !whole) throw new Error('this is not a sealed text');
    const decipher = createDecipheriv(CIPHER, await this.#key(name), bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(bind(name, associated));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const start = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    try {
      return new Uint8Array(Buffer.concat([start, decipher.final()]));
    } catch (error) {
      throw new Error('the sealed text was altered or belongs to another context', { cause: error });
    }
  }

  /** Reads the file again for a missing key, because another process may have added it. */
  async #key(name: string): Promise<Uint8Array> {
    if (!this.#ring.keys.has(name)) this.#ring = await readKeyring(this.#path);
    const key = this.#ring.keys.get(name);
    if (!key) throw new Error(`the keyring has no key "${name}"`);
    return key;
  }
}

/** Puts its length before each part, so that different contexts never give the same bytes. */
const bind = (key: string, { tenant, session }: SealContext): Uint8Array => {
  const parts = [FORM, key, tenant, session].map((part) => Buffer.from(part));
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, part];
    }),
  );
};
