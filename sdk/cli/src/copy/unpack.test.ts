import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Header } from 'tar';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newTally, type Tally, unpacking } from './unpack.ts';

let here: string;
beforeEach(async () => {
  here = await mkdtemp(join(tmpdir(), 'onmemos-unpack-'));
  await mkdir(join(here, 'target'));
  await mkdir(join(here, 'outside'));
  await writeFile(join(here, 'outside/kept'), 'mine');
});
afterEach(() => rm(here, { recursive: true, force: true }));

type Entry = Partial<ConstructorParameters<typeof Header>[0] & object> & { readonly text?: string };

const archive = (entries: readonly Entry[]): Buffer =>
  Buffer.concat([
    ...entries.flatMap(({ text = '', ...fields }) => {
      const header = new Header({
        mode: 0o644,
        mtime: new Date(0),
        type: 'File',
        size: text.length,
        ...fields,
      } as object);
      header.encode();
      const padding = Buffer.alloc((512 - (text.length % 512)) % 512);
      return [header.block as Buffer, Buffer.from(text), padding];
    }),
    Buffer.alloc(1024),
  ]);

const unpack = async (bytes: Buffer, only: string | null = null): Promise<Tally> => {
  const tally = newTally();
  const into = await unpacking(join(here, 'target'), only, tally);
  for (let at = 0; at < bytes.length; at += 300) await into.write(bytes.subarray(at, at + 300));
  await into.end();
  return tally;
};
const files = async (): Promise<string[]> => (await readdir(here, { recursive: true })).sort();
const KEPT = ['outside', 'outside/kept', 'target'];

describe('an archive that wants out of its folder', () => {
  afterEach(async () => {
    expect(await readFile(join(here, 'outside/kept'), 'utf8')).toBe('mine');
  });

  it.each<{ readonly what: string; readonly entries: readonly Entry[] }>([
    { what: '..', entries: [{ path: '../escaped', text: 'x' }] },
    { what: '.. in the middle', entries: [{ path: 'a/../../outside/kept', text: 'x' }] },
    { what: 'an absolute path', entries: [{ path: '/tmp/onmemos-escaped', text: 'x' }] },
    { what: 'a hard link', entries: [{ path: 'hard', type: 'Link', linkpath: '../outside/kept' }] },
    { what: 'an absolute hard link', entries: [{ path: 'hard', type: 'Link', linkpath: '/etc/passwd' }] },
    {
      what: 'a device',
      entries: [
        { path: 'null', type: 'CharacterDevice' },
        { path: 'sda', type: 'BlockDevice' },
      ],
    },
    { what: 'a link', entries: [{ path: 'l', type: 'SymbolicLink', linkpath: '../outside' }] },
  ])('by $what writes nothing', async ({ entries }) => {
    const { left_out } = await unpack(archive(entries));
    expect(left_out).toHaveLength(entries.length);
    expect(await files()).toEqual(KEPT);
  });

  it('by a link that was in the folder before', async () => {
    await symlink('../outside', join(here, 'target/trap'));
    const entries = [
      { path: 'trap/kept', text: 'evil' },
      { path: 'hard', type: 'Link', linkpath: 'trap/kept' } as const,
    ];
    expect((await unpack(archive(entries))).left_out).toHaveLength(2);
  });

  it('by a link of its own, which is made last', async () => {
    const tally = await unpack(
      archive([
        { path: 'in', type: 'Directory', mode: 0o755 },
        { path: 'l', type: 'SymbolicLink', linkpath: 'in' },
        { path: 'l/through', text: 'x' },
        { path: 'self', type: 'SymbolicLink', linkpath: 'in' },
        { path: 'out', type: 'SymbolicLink', linkpath: 'self/../../outside' },
      ]),
    );
    expect(tally.left_out.map(({ path }) => path)).toEqual(['out', 'l']);
    expect(await files()).toEqual([...KEPT, 'target/in', 'target/l', 'target/l/through', 'target/self']);
  });

  it('by another file than the one that was asked for', async () => {
    const entries = [
      { path: '../x', text: 'one' },
      { path: 'two', text: 'two' },
    ];
    const { left_out } = await unpack(archive(entries), 'name');
    expect(left_out.map(({ path }) => path)).toEqual(['two']);
    expect(await files()).toEqual([...KEPT, 'target/name']);
  });
});

describe('an entry that can not be made', () => {
  it('is left out and not counted, and the others are made', async () => {
    await mkdir(join(here, 'target/full/in'), { recursive: true });
    const {
      files: made,
      bytes,
      left_out,
    } = await unpack(
      archive([
        { path: 'full', text: 'x' },
        { path: 'hard', type: 'Link', linkpath: 'nosuch' },
        { path: 'f', text: 'text' },
      ]),
    );
    expect({ made, bytes }).toEqual({ made: 1, bytes: 4 });
    expect(left_out.map(({ why }) => why.split(':')[0]).sort()).toEqual(['ENOENT', 'ENOTEMPTY']);
    expect((await files()).filter((path) => path.startsWith('target/f'))).toEqual([
      'target/f',
      'target/full',
      'target/full/in',
    ]);
  });
});

it('keeps modes but not the rights of an owner', async () => {
  await unpack(archive([{ path: 'f', mode: 0o6751, text: 'x' }]));
  expect((await lstat(join(here, 'target/f'))).mode & 0o7777).toBe(0o751);
});

it('fails where the archive is cut off', async () => {
  const whole = archive([{ path: 'f', text: 'x'.repeat(5000) }]);
  await expect(unpack(whole.subarray(0, 2000))).rejects.toThrow('could not be unpacked');
});
