import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openKeyring } from '#drivers/secrets/keyring.ts';
import { rotateKeyring } from '#drivers/secrets/keyring-file.ts';
import { systemIds } from '#platform/ids.ts';
import { temporaryFolder } from '../store/temporary.ts';
import { secretsConformance } from './suite.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'data', 'keyring.json');
});
afterEach(() => folder.remove());

const open = (createIfMissing = true) => openKeyring({ path, createIfMissing, ids: systemIds });
const mine = { tenant: 'ann', session: 'ses-1' };
const plain = new TextEncoder().encode('secret');

secretsConformance('keyring', () => open());

describe('keyring file', () => {
  it('is made once, for its owner alone, also when several make it at once', async () => {
    const rings = await Promise.all(Array.from({ length: 5 }, () => open()));
    const sealed = (await rings[0]?.seal(plain, mine)) ?? '';
    for (const ring of [...rings, await open(false)]) expect(await ring.open(sealed, mine)).toEqual(plain);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder.path, 'data'))).toEqual(['keyring.json']);
  });

  it('is not made where it is not to be', async () => {
    await expect(open(false)).rejects.toThrow(/ENOENT/);
    await expect(readdir(folder.path)).resolves.toEqual([]);
  });

  it('seals with the current key after a rotation, and old texts still open', async () => {
    const before = await open();
    const old = await before.seal(plain, mine);
    const name = await rotateKeyring(path, systemIds);
    const after = await open(false);
    const young = await after.seal(plain, mine);
    expect(young.split('.')[1]).toBe(name);
    expect(old.split('.')[1]).not.toBe(name);
    expect(await after.open(old, mine)).toEqual(plain);
    expect(await before.open(young, mine)).toEqual(plain);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('opens nothing under another name or without its key', async () => {
    const ring = await open();
    const sealed = await ring.seal(plain, mine);
    const name = await rotateKeyring(path, systemIds);
    const [form, first = '', text] = sealed.split('.');
    const rotated = await open();
    await expect(rotated.open(`${form}.${name}.${text}`, mine)).rejects.toThrow(/altered/);
    const content = JSON.parse(await readFile(path, 'utf8'));
    delete content.keys[first];
    await writeFile(path, JSON.stringify(content));
    const rest = await open();
    await expect(rest.open(sealed, mine)).rejects.toThrow(`no key "${first}"`);
  });

  it('refuses a file that is no keyring, and says why without showing a key', async () => {
    const key = Buffer.alloc(32, 7).toString('base64url');
    const wrong: [unknown, RegExp][] = [
      ['{', /not JSON/],
      ['null', /no keys/],
      [JSON.stringify({ current: 'a', keys: {} }), /is not the name of one/],
      [JSON.stringify({ current: 'b', keys: { a: key } }), /is not the name of one/],
      [JSON.stringify({ current: 'a', keys: { a: key.slice(2) } }), /32 bytes/],
      [JSON.stringify({ current: 'a.b', keys: { 'a.b': key } }), /name of a key/],
    ];
    await open();
    for (const [text, reason] of wrong) {
      await writeFile(path, String(text));
      const error = await open().catch((thrown: unknown) => thrown);
      expect(String(error)).toMatch(reason);
      expect(String(error)).not.toContain(key.slice(0, 8));
    }
  });
});
