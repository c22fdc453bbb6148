import {
  appendFile,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { disks } from '../../support/fuse/disk.ts';
import { failPower } from '../../support/fuse/power-switch.ts';

const disk = disks();

const sync = async (path: string): Promise<void> => {
  const file = await open(path, 'r');
  await file.sync().finally(() => file.close());
};

/** What the tests of this folder stand on: a disk that forgot less than it may would prove nothing. */
describe('a disk whose power fails', () => {
  it('has the contents that were synced, and no later ones', async ({ skip }) => {
    const { path, restart } = await disk(skip);
    const at = (name: string): string => join(path, name);
    const large = Buffer.alloc(100_000, 'a');
    await writeFile(at('large'), large);
    await writeFile(at('cut'), large);
    await writeFile(at('never'), 'x');
    for (const name of ['large', 'cut', '']) await sync(at(name));
    await appendFile(at('large'), 'more');
    const file = await open(at('large'), 'r+');
    await file.write('changed', 50_000);
    await file.close();
    await truncate(at('cut'), 10);
    expect((await readFile(at('large'), 'utf8')).slice(50_000, 50_010)).toBe('changedaaa');
    expect((await stat(at('cut'))).size).toBe(10);
    failPower(path);
    await restart();
    expect((await readFile(at('large'))).equals(large)).toBe(true);
    expect((await readFile(at('cut'))).equals(large)).toBe(true);
    expect(await readFile(at('never'), 'utf8')).toBe('');
  });

  it('has the names that their folder’s sync put there, and no later ones', async ({ skip }) => {
    const { path, restart } = await disk(skip);
    const at = (name: string): string => join(path, name);
    await mkdir(at('folder'));
    for (const name of ['kept', 'removed', 'old', 'folder/inner']) {
      await writeFile(at(name), name);
      await sync(at(name));
    }
    await sync(path);
    await sync(at('folder'));
    await rm(at('removed'));
    await rename(at('old'), at('new'));
    await link(at('kept'), at('other'));
    await writeFile(at('folder/late'), 'late');
    await sync(at('folder/late'));
    expect((await readdir(path)).sort()).toEqual(['folder', 'kept', 'new', 'other']);
    failPower(path);
    await restart();
    expect((await readdir(path)).sort()).toEqual(['folder', 'kept', 'old', 'removed']);
    expect(await readdir(at('folder'))).toEqual(['inner']);
    for (const name of ['kept', 'removed', 'old', 'folder/inner']) expect(await readFile(at(name), 'utf8')).toBe(name);
  });

  it('answers nothing until it is started again, also not to files that were open', async ({ skip }) => {
    const { path, restart } = await disk(skip);
    const file = await open(join(path, 'open'), 'w');
    failPower(path);
    await expect(file.write('x')).rejects.toThrow(/EIO/);
    await expect(readdir(path)).rejects.toThrow(/EIO/);
    await restart();
    await expect(file.write('x')).rejects.toThrow(/ENOTCONN|EIO|ECONNABORTED/);
    await file.close().catch(() => {});
    expect(await readdir(path)).toEqual([]);
  });
});
