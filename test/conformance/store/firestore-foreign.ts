import { Firestore, Timestamp } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FirestoreStore } from '#drivers/store/firestore/firestore-store.ts';
import type { Doc } from '#ports/store.ts';
import type { FirestoreEmulator } from '../../support/firestore-emulator.ts';
import { openOn } from './firestore-fixture.ts';
import { items } from './fixture.ts';

const INSTANT = '2026-03-16T10:20:30.456Z';
const rank = { order: { field: 'rank', direction: 'asc' }, limit: 10 } as const;

/** Documents that a person or another program has changed. */
export const foreignTests = (emulator: () => FirestoreEmulator): void => {
  describe('documents that others have edited', () => {
    let store: FirestoreStore;
    let console: Firestore;
    beforeAll(async () => {
      const project = emulator().project();
      store = await openOn({ host: emulator().host, project: () => project });
      console = new Firestore({ projectId: project, host: emulator().host, ssl: false });
    });
    afterAll(async () => {
      await Promise.all([store?.close(), console?.terminate()]);
    });

    it('has an instant as the text that it would have written, whichever way it is read', async () => {
      await store.put(items, 'a', { owner: 'ann', rank: 1, tag: INSTANT });
      const at = Timestamp.fromMillis(Date.parse(INSTANT));
      await console
        .collection('items')
        .doc('a')
        .update({ tag: at, note: { deep: [at] } });
      const read = { owner: 'ann', rank: 1, tag: INSTANT, note: { deep: [INSTANT] } };
      expect((await store.get(items, 'a'))?.data).toEqual(read);
      expect((await store.query(items, rank)).docs.map(({ data }) => data)).toEqual([read]);
      const seen: (Doc<unknown> | null)[] = [];
      const stop = store.watch(
        items,
        'a',
        (doc) => seen.push(doc),
        () => undefined,
      );
      await expect.poll(() => seen.length).toBeGreaterThan(0);
      stop();
      expect(seen[0]?.data).toEqual(read);
      await store.delete(items, 'a');
    });

    it('refuses to read an integer that would come back rounded', async () => {
      await console
        .collection('items')
        .doc('a')
        .set({ rank: 2n ** 53n + 1n });
      await expect(store.get(items, 'a')).rejects.toThrow('the integer 9007199254740993, which is beyond 2^53');
      await expect(store.query(items, rank)).rejects.toThrow('beyond 2^53');
      await console
        .collection('items')
        .doc('a')
        .set({ rank: 2n ** 53n - 1n });
      expect((await store.get(items, 'a'))?.data.rank).toBe(Number.MAX_SAFE_INTEGER);
    });
  });
};
