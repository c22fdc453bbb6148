import { execFile } from 'node:child_process';
import { mkdir, readFile, realpath, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openKeyring } from '#drivers/secrets/keyring.ts';
import { keyringText, readKeyring } from '#drivers/secrets/keyring-file.ts';
import { systemIds } from '#platform/ids.ts';
import { temporaryFolder } from '../store/temporary.ts';
import { secretsConformance } from './suite.ts';

const run = promisify(execFile);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let mount: string;
let path: string;
let versions = 0;

/** As Kubernetes and Secret Manager mount a secret: the file is a link into a folder that is swapped as a whole. */
const publish = async (text: string): Promise<void> => {
  versions += 1;
  const version = join(mount, `..version-${versions}`);
  await mkdir(version);
  await writeFile(join(version, 'keyring.json'), text, { mode: 0o444 });
  await symlink(version, join(mount, '..data_new'));
  await rename(join(mount, '..data_new'), join(mount, '..data'));
};

beforeEach(async () => {
  folder = await temporaryFolder();
  mount = join(folder.path, 'secrets');
  path = join(mount, 'keyring.json');
  await mkdir(mount);
  await symlink(join('..data', 'keyring.json'), path);
});
afterEach(() => folder.remove());

const open = () => openKeyring({ path, createIfMissing: false, ids: systemIds });
const mine = { tenant: 'ann', session: 'ses-1' };
const plain = new TextEncoder().encode('secret');

secretsConformance('keyring, mounted', async () => {
  await publish(keyringText(null, systemIds));
  return open();
});

describe('a mounted keyring', () => {
  it('is read by a process that may write nothing at all', async () => {
    await publish(keyringText(null, systemIds));
    const script = `
      import { openKeyring } from '#drivers/secrets/keyring.ts';
      import { systemIds } from '#platform/ids.ts';
      const ring = await openKeyring({ path: process.argv[1], createIfMissing: false, ids: systemIds });
      const sealed = await ring.seal(new TextEncoder().encode('secret'), ${JSON.stringify(mine)});
      console.log(sealed);
      await openKeyring({ path: process.argv[1] + '.none', createIfMissing: true, ids: systemIds }).catch((error) => console.log(error.code));`;
    // Node refuses each write, rename, chmod and link of such a process.
    const args = ['--permission', '--allow-fs-read=*', '--input-type=module-typescript', '-e', script, path];
    const { stdout } = await run(process.execPath, args);
    const [sealed = '', refused] = stdout.trim().split('\n');
    expect(await (await open()).open(sealed, mine)).toEqual(plain);
    expect(refused).toBe('ERR_ACCESS_DENIED');
  });

  it('has a new key: old processes read what it sealed without a restart, new ones seal with it, old texts open', async () => {
    await publish(keyringText(null, systemIds));
    const before = await open();
    const old = await before.seal(plain, mine);
    await publish(keyringText(await readKeyring(path), systemIds));
    const after = await open();
    const young = await after.seal(plain, mine);
    expect(young.split('.')[1]).toBe((await readKeyring(path)).current);
    expect(young.split('.')[1]).not.toBe(old.split('.')[1]);
    for (const ring of [before, after])
      for (const sealed of [old, young]) expect(await ring.open(sealed, mine)).toEqual(plain);
  });

  it('that is broken while a process runs keeps what that has read, and no new process starts on it', async () => {
    await publish(keyringText(null, systemIds));
    const ring = await open();
    const old = await ring.seal(plain, mine);
    const good = await readFile(await realpath(path), 'utf8');
    await publish('{');
    await expect(ring.open(old.replace(/^v1\.[^.]+/, 'v1.key-unknown'), mine)).rejects.toThrow(/is not a keyring/);
    expect(await ring.open(old, mine)).toEqual(plain);
    await expect(open()).rejects.toMatchObject({ name: 'KeyringUnusable' });
    await publish(good);
    expect(await (await open()).open(old, mine)).toEqual(plain);
  });

  it('that is missing, empty or a folder is no start, and the sentence says what to do', async () => {
    const wrong: readonly (readonly [() => Promise<unknown>, RegExp])[] = [
      [async () => {}, /can’t be read \(ENOENT\)\. .*mount the secret .*admin -- keyring new/],
      [() => publish(''), /is not a keyring: it is not JSON\. Put back its last good version/],
      [() => publish('{"current": "a"}'), /is not a keyring: it has no keys\. Put back/],
    ];
    for (const [make, sentence] of wrong) {
      await make();
      await expect(open()).rejects.toThrow(sentence);
    }
    const inAFolder = openKeyring({ path: mount, createIfMissing: false, ids: systemIds });
    await expect(inAFolder).rejects.toThrow(/can’t be read \(EISDIR\)/);
  });
});
