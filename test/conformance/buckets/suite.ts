import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Buckets } from '#ports/buckets.ts';

export interface OpenedBuckets {
  readonly buckets: Buckets;
  /** Puts a file of this many bytes into a bucket, as a session would. */
  write(key: string, name: string, bytes: number): Promise<void>;
  dispose(): Promise<void>;
}

const MIB = 1024 * 1024;

/** What every driver of the Buckets port keeps; `open` gives a place without buckets. */
export const bucketsConformance = (name: string, open: () => Promise<OpenedBuckets>): void => {
  describe(`buckets: ${name}`, () => {
    let opened: OpenedBuckets;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.dispose());

    it('has none at first', async () => {
      expect(await opened.buckets.list()).toEqual([]);
      expect(await opened.buckets.usage('absent')).toBeNull();
    });

    it('makes a bucket once and keeps what is in it when it is made again or grows', async () => {
      const { buckets } = opened;
      await Promise.all([buckets.ensure('a.b_c-1', 10), buckets.ensure('a.b_c-1', 10)]);
      await opened.write('a.b_c-1', 'file', 2 * MIB);
      await buckets.ensure('a.b_c-1', 20);
      expect(await buckets.list()).toEqual(['a.b_c-1']);
      expect(await buckets.usage('a.b_c-1')).toBeGreaterThanOrEqual(2);
      expect(await buckets.usage('a.b_c-1')).toBeLessThan(3);
    });

    it('removes a bucket with its content, and finds gone fine', async () => {
      const { buckets } = opened;
      await buckets.ensure('a', 10);
      await buckets.ensure('a-b', 10);
      await opened.write('a', 'file', 100);
      await Promise.all([buckets.remove('a'), buckets.remove('a')]);
      await buckets.remove('a');
      await buckets.remove('never');
      expect(await buckets.list()).toEqual(['a-b']);
      await buckets.ensure('a', 10);
      expect(await buckets.usage('a')).toBeLessThan(0.1);
    });

    it('lists every one', async () => {
      const keys = Array.from({ length: 30 }, (_, n) => `bucket-${n}`);
      await Promise.all(keys.map((key) => opened.buckets.ensure(key, 1)));
      expect([...(await opened.buckets.list())].sort()).toEqual(keys.sort());
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
        await expect(opened.buckets.ensure(key, 1), key).rejects.toBeInstanceOf(TypeError);
        await expect(opened.buckets.remove(key), key).rejects.toBeInstanceOf(TypeError);
        await expect(opened.buckets.usage(key), key).rejects.toBeInstanceOf(TypeError);
      }
      await opened.buckets.ensure('x'.repeat(128), 1);
      await opened.buckets.ensure('a..b', 1);
      expect(await opened.buckets.list()).toHaveLength(2);
    });

    it('says what it is', () => {
      expect(opened.buckets.kind).not.toBe('');
      expect(['hard', 'watched']).toContain(opened.buckets.size_limit);
    });
  });
};
