import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { backUp, restore } from '#wiring/backup.ts';
import { disks } from '../../support/fuse/disk.ts';
import { failPower } from '../../support/fuse/power-switch.ts';
import { counters } from '../store/fixture.ts';
import { openStoreIn } from '../store/temporary.ts';

const disk = disks();
let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'onmemos-backup-'));
  const store = await openStoreIn(dataDir);
  await store.put(counters, 'one', { n: 1 });
  await store.close();
  const volume = join(dataDir, 'volumes', 'v');
  await mkdir(join(volume, 'empty'), { recursive: true });
  for (let i = 0; i < 20; i++) await writeFile(join(volume, `file ${i}`), `content ${i}`);
  await symlink('file 0', join(volume, 'link'));
  await symlink('/nowhere', join(volume, 'broken'));
  await chmod(join(volume, 'file 0'), 0o640);
  await writeFile(join(dataDir, 'keyring.json'), '{}');
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const check = async (folder: string): Promise<void> => {
  const store = await openStoreIn(folder);
  expect((await store.get(counters, 'one'))?.data.n).toBe(1);
  await store.close();
  expect(await readFile(join(folder, 'keyring.json'), 'utf8')).toBe('{}');
  const volume = join(folder, 'volumes', 'v');
  for (let i = 0; i < 20; i++) expect(await readFile(join(volume, `file ${i}`), 'utf8')).toBe(`content ${i}`);
  expect((await stat(join(volume, 'link'))).mode & 0o777).toBe(0o640);
  expect((await stat(join(volume, 'empty'))).isDirectory()).toBe(true);
};

it.for(['backup', 'restored data folder'])('a %s is whole after a power failure', async (which, { skip }) => {
  const other = await mkdtemp(join(tmpdir(), 'onmemos-copy-'));
  try {
    const own = await disk(skip);
    const on = join(own.path, 'copy');
    if (which === 'backup') await backUp(dataDir, on);
    else {
      await backUp(dataDir, join(other, 'backup'));
      await restore(join(other, 'backup'), on);
    }
    failPower(own.path);
    await own.restart();
    await check(on);
  } finally {
    await rm(other, { recursive: true, force: true });
  }
});
