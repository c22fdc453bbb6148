import { execFileSync } from 'node:child_process';
import { appendFile, link, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packed } from './pack.ts';
import { newTally, type Tally, unpacking } from './unpack.ts';

const LARGE = 1_000_001;

let here: string;
beforeEach(async () => {
  here = await mkdtemp(join(tmpdir(), 'onmemos-pack-'));
  await mkdir(join(here, 'from'));
});
afterEach(() => rm(here, { recursive: true, force: true }));

/** Packs the folder and unpacks it again. @param after told of each piece, before the next is asked for */
const through = async (after: (piece: number) => Promise<void> = async () => {}): Promise<Tally> => {
  const tally = newTally();
  const into = await unpacking(join(here, 'to'), null, newTally());
  let piece = 0;
  for await (const data of await packed(join(here, 'from'), null, tally)) {
    await into.write(data);
    await after(piece);
    piece += 1;
  }
  await into.end();
  return tally;
};

it('leaves out a file that has vanished, and packs the rest', async () => {
  for (const name of ['a', 'b', 'c']) await writeFile(join(here, 'from', name), name);
  const tally = await through(async (piece) => {
    if (piece === 0) await rm(join(here, 'from/b'));
  });
  expect(tally).toMatchObject({ files: 2, folders: 1, bytes: 2 });
  expect(tally.left_out).toEqual([{ path: 'b', why: expect.stringContaining('ENOENT') }]);
  expect((await readdir(join(here, 'to'))).sort()).toEqual(['a', 'c']);
});

it('fails in one sentence where a file becomes shorter', async () => {
  await writeFile(join(here, 'from/large'), Buffer.alloc(LARGE));
  const shrinking = through(async (piece) => {
    if (piece === 2) await truncate(join(here, 'from/large'), 10);
  });
  await expect(shrinking).rejects.toThrow(`${join(here, 'from/large')} became shorter while it was copied.`);
});

it('packs a file that grows as long as it was', async () => {
  await writeFile(join(here, 'from/log'), Buffer.alloc(LARGE));
  const tally = await through(async (piece) => {
    if (piece === 2) await appendFile(join(here, 'from/log'), 'more');
  });
  expect(tally).toMatchObject({ files: 1, bytes: LARGE, left_out: [] });
  expect((await stat(join(here, 'to/log'))).size).toBe(LARGE);
});

it('packs a file with two names once, and leaves out a FIFO', async () => {
  await writeFile(join(here, 'from/a'), 'text');
  await link(join(here, 'from/a'), join(here, 'from/b'));
  execFileSync('mkfifo', [join(here, 'from/fifo')]);
  const tally = await through();
  expect(tally).toMatchObject({ files: 2, bytes: 4, left_out: [{ path: 'fifo' }] });
  const [a, b] = await Promise.all(['a', 'b'].map((name) => stat(join(here, 'to', name))));
  expect(a?.ino).toBe(b?.ino);
  expect(await readFile(join(here, 'to/b'), 'utf8')).toBe('text');
});

it('refuses what can not be read at all before it is started', async () => {
  await expect(packed('/proc/self/mem/x', null, newTally())).rejects.toThrow();
  await expect(packed(join(here, 'from'), 'name', newTally())).rejects.toThrow('can’t be read');
});
