import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openKeyring } from '#drivers/secrets/keyring.ts';
import { rotateKeyring } from '#drivers/secrets/keyring-file.ts';
import { systemIds } from '#platform/ids.ts';
import { type Disk, disks } from '../../support/fuse/disk.ts';
import { failPower } from '../../support/fuse/power-switch.ts';

const disk = disks();
const mine = { tenant: 'ann', session: 'ses-1' };
const plain = new TextEncoder().encode('secret');

const pathOn = ({ path }: Disk): string => join(path, 'new', 'data', 'keyring.json');
/** As a server opens it: it makes one where there is none. */
const open = (own: Disk) => openKeyring({ path: pathOn(own), createIfMissing: true, ids: systemIds });

describe('keyring when the power fails', () => {
  it('opens what was sealed, from its first sealing on', async ({ skip }) => {
    const own = await disk(skip);
    const sealed = await (await open(own)).seal(plain, mine);
    failPower(own.path);
    await own.restart();
    expect(await (await open(own)).open(sealed, mine)).toEqual(plain);
  });

  it('opens what was sealed before and after a rotation', async ({ skip }) => {
    const own = await disk(skip);
    const old = await (await open(own)).seal(plain, mine);
    await rotateKeyring(pathOn(own), systemIds);
    const young = await (await open(own)).seal(plain, mine);
    failPower(own.path);
    await own.restart();
    const ring = await open(own);
    for (const sealed of [old, young]) expect(await ring.open(sealed, mine)).toEqual(plain);
  });

  it('seals with the new key after a rotation that was reported', async ({ skip }) => {
    const own = await disk(skip);
    await open(own);
    const name = await rotateKeyring(pathOn(own), systemIds);
    failPower(own.path);
    await own.restart();
    expect((await (await open(own)).seal(plain, mine)).split('.')[1]).toBe(name);
  });
});
