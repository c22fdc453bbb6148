import { execFile } from 'node:child_process';
import { chmod, link, mkdir, readdir, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { directoryStorage } from '#drivers/storage/directory.ts';
import { createLogger } from '#platform/logger.ts';
import { temporaryFolder } from '../store/temporary.ts';
import { at, storageConformance } from './suite.ts';

const run = promisify(execFile);
const log = createLogger({ level: 'silent' });
const MIB = 1024 * 1024;

const openIn = (folder: string) => directoryStorage({ root: join(folder, 'buckets'), kind: 'bucket', log });

storageConformance('directory', async () => {
  const folder = await temporaryFolder();
  const buckets = openIn(folder.path);
  return {
    driver: buckets,
    write: (key, name, bytes) => writeFile(join(buckets.path(key), name), Buffer.alloc(bytes, 'x')),
    dispose: folder.remove,
  };
});

describe('directory storage', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  it('measures what lies on disk: holes and second names count nothing, links are not followed', async () => {
    const buckets = openIn(folder.path);
    await buckets.ensure(at('a'), 10);
    const path = buckets.path('a');
    await mkdir(join(path, 'deep/er'), { recursive: true });
    await writeFile(join(path, 'deep/er/file'), Buffer.alloc(MIB, 'x'));
    await link(join(path, 'deep/er/file'), join(path, 'again'));
    await writeFile(join(path, 'hole'), '');
    await truncate(join(path, 'hole'), 500 * MIB);
    await symlink('/usr', join(path, 'outside'));
    await symlink('..', join(path, 'deep/loop'));
    const used = await buckets.usage(at('a'));
    expect(used).toBeGreaterThanOrEqual(1);
    expect(used).toBeLessThan(1.2);
  });

  it('is empty with nothing in it, and not with an empty file', async () => {
    const buckets = openIn(folder.path);
    await buckets.ensure(at('a'), 10);
    expect(await buckets.usage(at('a'))).toBe(0);
    await writeFile(join(buckets.path('a'), 'empty'), '');
    expect(await buckets.usage(at('a'))).toBeGreaterThan(0);
  });

  it('measures while files come and go', async () => {
    const buckets = openIn(folder.path);
    await buckets.ensure(at('a'), 10);
    let going = true;
    const churn = (async () => {
      for (let n = 0; going; n++) {
        const inner = join(buckets.path('a'), `d${n % 7}`);
        await mkdir(inner, { recursive: true });
        await writeFile(join(inner, `f${n}`), 'x'.repeat(5000));
        if (n % 3 === 0) await rm(inner, { recursive: true });
      }
    })();
    for (let n = 0; n < 30; n++) expect(await buckets.usage(at('a'))).toBeGreaterThanOrEqual(0);
    going = false;
    await churn;
  });

  it('removes links without what they point to', async () => {
    const buckets = openIn(folder.path);
    const outside = join(folder.path, 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'kept'), 'x');
    await buckets.ensure(at('a'), 10);
    await symlink(outside, join(buckets.path('a'), 'link'));
    await buckets.remove(at('a'));
    expect(await readdir(outside)).toEqual(['kept']);
  });

  it('takes no link for a bucket', async () => {
    const buckets = openIn(folder.path);
    await buckets.ensure(at('a'), 10);
    await symlink('/usr', buckets.path('b'));
    await writeFile(buckets.path('c'), 'x');
    expect((await buckets.list()).map(({ place }) => place.key)).toEqual(['a']);
    expect(await buckets.usage(at('b'))).toBeNull();
    await expect(buckets.ensure(at('b'), 1)).rejects.toThrow(/in the way/);
    await buckets.remove(at('b'));
    expect((await stat('/usr')).isDirectory()).toBe(true);
  });

  it('removes what its owner locked, also without the rights of root', async () => {
    // Root ignores modes: the script becomes nobody where the tests run as root.
    const script = `
      import { directoryStorage } from '#drivers/storage/directory.ts';
      import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
      if (process.getuid() === 0) {
        process.setgid(65534);
        process.setuid(65534);
      }
      const buckets = directoryStorage({ root: process.argv[1], kind: 'bucket', log: { warn() {} } });
      await buckets.ensure({ key: 'a' }, 1);
      await mkdir(buckets.path('a') + '/in/ner', { recursive: true });
      await writeFile(buckets.path('a') + '/in/ner/file', 'x', { mode: 0 });
      await chmod(buckets.path('a') + '/in/ner', 0);
      await chmod(buckets.path('a') + '/in', 0o500);
      await chmod(buckets.path('a'), 0o500);
      await buckets.remove({ key: 'a' });
      console.log(JSON.stringify(await readdir(process.argv[1])));`;
    await chmod(folder.path, 0o777);
    const args = ['--input-type=module-typescript', '-e', script, join(folder.path, 'theirs')];
    const { stdout } = await run(process.execPath, args);
    expect(JSON.parse(stdout)).toEqual([]);
  });

  it('finishes a removal that was cut short', async () => {
    const buckets = openIn(folder.path);
    await buckets.ensure(at('a'), 1);
    const rest = join(folder.path, 'buckets', '.leaving-x-1');
    await mkdir(rest);
    await writeFile(join(rest, 'file'), 'x');
    expect((await buckets.list()).map(({ place }) => place.key)).toEqual(['a']);
    expect(await readdir(join(folder.path, 'buckets'))).toEqual(['a']);
  });
});
