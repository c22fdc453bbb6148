import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StorageDriver, StoragePlace } from '#ports/storages.ts';

export interface OpenedStorage {
  readonly driver: StorageDriver;
  /** Puts a file of this many bytes into a volume or bucket, as a session would. */
  write(key: string, name: string, bytes: number): Promise<void>;
  dispose(): Promise<void>;
}

const MIB = 1024 * 1024;

/** A volume or bucket as its driver is asked for it. */
export const at = (key: string): StoragePlace => ({ key, owner: 'user-1', workspace_id: 'ws-1' });

/** What every storage driver keeps; `open` gives one that holds nothing. */
export const storageConformance = (name: string, open: () => Promise<OpenedStorage>): void => {
  describe(`storage: ${name}`, () => {
    let opened: OpenedStorage;
    const keys = async () => (await opened.driver.list()).map(({ place }) => place.key).sort();
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.dispose());

    it('has none at first', async () => {
      expect(await opened.driver.list()).toEqual([]);
      expect(await opened.driver.usage(at('absent'))).toBeNull();
    });

    it('makes a bucket once and keeps what is in it when it is made again or grows', async () => {
      const { driver } = opened;
      await Promise.all([driver.ensure(at('a.b_c-1'), 10), driver.ensure(at('a.b_c-1'), 10)]);
      await opened.write('a.b_c-1', 'file', 2 * MIB);
      await driver.ensure(at('a.b_c-1'), 20);
      expect(await keys()).toEqual(['a.b_c-1']);
      expect(await driver.usage(at('a.b_c-1'))).toBeGreaterThanOrEqual(2);
      expect(await driver.usage(at('a.b_c-1'))).toBeLessThan(3);
    });

    it('removes a bucket with its content, and finds gone fine', async () => {
      const { driver } = opened;
      await driver.ensure(at('a'), 10);
      await driver.ensure(at('a-b'), 10);
      await opened.write('a', 'file', 100);
      await Promise.all([driver.remove(at('a')), driver.remove(at('a'))]);
      await driver.remove(at('a'));
      await driver.remove(at('never'));
      expect(await keys()).toEqual(['a-b']);
      await driver.ensure(at('a'), 10);
      expect(await driver.usage(at('a'))).toBeLessThan(0.1);
    });

    it('lists every one', async () => {
      const made = Array.from({ length: 30 }, (_, n) => `bucket-${n}`);
      await Promise.all(made.map((key) => opened.driver.ensure(at(key), 1)));
      expect(await keys()).toEqual(made.sort());
    });

    it('refuses keys that could mean another place', async () => {
      const wrong = [
        '',
        '.',
        '..',
        '../a',
        'a/b',
        'a\\b',
        '/a',
        '.a',
        '-a',
        'A',
        'ü',
        'a b',
        'a\0',
        'a\n',
        'x'.repeat(129),
      ];
      for (const key of wrong) {
        await expect(opened.driver.ensure(at(key), 1), key).rejects.toBeInstanceOf(TypeError);
        await expect(opened.driver.remove(at(key)), key).rejects.toBeInstanceOf(TypeError);
        await expect(opened.driver.usage(at(key)), key).rejects.toBeInstanceOf(TypeError);
      }
      await opened.driver.ensure(at('x'.repeat(128)), 1);
      await opened.driver.ensure(at('a..b'), 1);
      expect(await opened.driver.list()).toHaveLength(2);
    });

    it('tells what is empty, and never takes what it can’t see for that', async () => {
      const { driver } = opened;
      expect(await driver.isEmpty(at('absent'))).toBe('yes');
      await driver.ensure(at('a'), 10);
      expect(await driver.isEmpty(at('a'))).not.toBe('no');
      await opened.write('a', 'empty-file', 0);
      expect(await driver.isEmpty(at('a'))).not.toBe('yes');
    });

    it('says since when something exists, where it knows', async () => {
      await opened.driver.ensure(at('a'), 10);
      for (const { created_at } of await opened.driver.list()) {
        if (created_at !== null) expect(Math.abs(Date.now() - created_at)).toBeLessThan(3_600_000);
      }
    });

    it('says what it is', () => {
      expect(opened.driver.provider).not.toBe('');
      expect(['volume', 'bucket']).toContain(opened.driver.kind);
      expect(['hard', 'watched']).toContain(opened.driver.size_limit);
    });
  });
};
