import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BadFolder, backUp, restore } from './backup.ts';

let at: string;
beforeAll(async () => {
  at = await mkdtemp(join(tmpdir(), 'onmemos-backup-'));
  await writeFile(join(at, 'store.db'), '');
  await writeFile(join(at, 'a-file'), '');
});
afterAll(() => rm(at, { recursive: true, force: true }));

it('a backup into a folder that is not empty is refused with a sentence', async () => {
  await expect(backUp(at, join(at, 'a-file'))).rejects.toThrow(BadFolder);
  await expect(backUp(at, at)).rejects.toThrow(BadFolder);
  await expect(restore(at, join(at, 'a-file'))).rejects.toThrow(BadFolder);
  await expect(backUp(join(at, 'nothing'), join(at, 'new'))).rejects.toThrow(BadFolder);
});
