import { describe, expect, it } from 'vitest';
import { AlreadyExists, type Doc, DocumentTooLarge, TransactionTooLarge, VersionMismatch } from '#ports/store.ts';
import { counters, freshStore, idsOf, type Item, items, laterItems, type OpenStore } from './fixture.ts';

/** Single documents: create, put, delete, versions, what is refused. */
export const documentTests = (open: OpenStore): void => {
  describe('documents', () => {
    const store = freshStore(open);

    it('gives back what was put, and null where nothing is', async () => {
      const data = { owner: 'ann', rank: 1.5, active: true, tag: { deep: ['ü', null, 1e21, '\ud83d\ude00'] } };
      await store().create(items, 'a', data);
      expect((await store().get(items, 'a'))?.data).toEqual(data);
      expect(await store().get(items, 'b')).toBeNull();
      expect(await store().get(counters, 'a')).toBeNull();
    });

    it('keeps a copy: neither side sees the other change its object', async () => {
      const data = { tag: ['one'] };
      await store().create(items, 'a', data);
      data.tag.push('two');
      const first = await store().get(items, 'a');
      Object.assign(first?.data ?? {}, { tag: ['three'] });
      expect((await store().get(items, 'a'))?.data).toEqual({ tag: ['one'] });
    });

    it('creates once', async () => {
      const outcomes = await Promise.allSettled([1, 2, 3].map((n) => store().create(items, 'a', { n })));
      expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
      const error = await store()
        .create(items, 'a', {})
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(AlreadyExists);
      expect(error).toMatchObject({ collection: 'items', id: 'a' });
    });

    it('replaces the whole document, also where there was none', async () => {
      await store().put(items, 'a', { owner: 'ann', n: 1 });
      await store().put(items, 'a', { n: 2 });
      expect((await store().get(items, 'a'))?.data).toEqual({ n: 2 });
    });

    it('reads a document of an earlier release as this one has it, whichever way it is read', async () => {
      await store().put(items, 'a', { owner: 'ann', rank: 1, n: 1 });
      const query = { where: { owner: 'ann' }, order: { field: 'rank', direction: 'asc' }, limit: 1 } as const;
      const read = { owner: 'ann', rank: 1, n: 1, since: 'n1' };
      expect((await store().get(laterItems, 'a'))?.data).toEqual(read);
      expect((await store().getMany(laterItems, ['a']))[0]?.data).toEqual(read);
      expect((await store().query(laterItems, query)).docs[0]?.data).toEqual(read);
      const inside = await store().transaction(async (tx) => {
        const found = [
          await tx.get(laterItems, 'a'),
          ...(await tx.getMany(laterItems, ['a'])),
          ...(await tx.query(laterItems, query)).docs,
        ];
        tx.put(laterItems, 'a', { ...found[0]?.data, since: 'kept' });
        return found.map((doc) => doc?.data);
      });
      expect(inside).toEqual([read, read, read]);
      expect((await store().get(items, 'a'))?.data).toEqual({ ...read, since: 'kept' });
    });

    it('changes the version with every write that changes the document, and never gives an old one again', async () => {
      const seen = new Set<string>();
      for (let round = 0; round < 4; round++) {
        await store().put(items, 'a', { n: round });
        seen.add((await store().get(items, 'a'))?.version ?? '');
        if (round === 1) await store().delete(items, 'a');
      }
      expect(seen.size).toBe(4);
    });

    it('puts and deletes only at the version asked for', async () => {
      await store().put(items, 'a', { n: 1 });
      const old = (await store().get(items, 'a'))?.version ?? '';
      await store().put(items, 'a', { n: 2 }, old);
      await expect(store().put(items, 'a', { n: 3 }, old)).rejects.toBeInstanceOf(VersionMismatch);
      await expect(store().delete(items, 'a', old)).rejects.toBeInstanceOf(VersionMismatch);
      const current = await store().get(items, 'a');
      expect(current?.data).toEqual({ n: 2 });
      await store().delete(items, 'a', current?.version);
      expect(await store().get(items, 'a')).toBeNull();
      await expect(store().put(items, 'a', { n: 4 }, current?.version)).rejects.toBeInstanceOf(VersionMismatch);
      await expect(store().delete(items, 'a', current?.version)).rejects.toBeInstanceOf(VersionMismatch);
    });

    it('lets one of many writers at the same version win', async () => {
      await store().put(counters, 'a', { n: 0 });
      const version = (await store().get(counters, 'a'))?.version;
      const writes = Array.from({ length: 20 }, (_, n) => store().put(counters, 'a', { n: n + 1 }, version));
      const won = (await Promise.allSettled(writes)).flatMap(({ status }, n) =>
        status === 'fulfilled' ? [n + 1] : [],
      );
      expect(won).toHaveLength(1);
      expect((await store().get(counters, 'a'))?.data.n).toBe(won[0]);
    });

    it('finds deleting what is not there fine', async () => {
      await store().delete(items, 'nothing');
      await store().put(items, 'a', {});
      await Promise.all([store().delete(items, 'a'), store().delete(items, 'a')]);
      expect(await store().get(items, 'a')).toBeNull();
    });

    it('gets many in the order asked for', async () => {
      await Promise.all(['a', 'b', 'c'].map((id) => store().create(items, id, { owner: id })));
      expect(idsOf(await store().getMany(items, ['c', 'x', 'a', 'c']))).toEqual(['c', null, 'a', 'c']);
      expect(await store().getMany(items, [])).toEqual([]);
    });

    it('refuses ids that some store could not keep', async () => {
      for (const id of ['', '.', '..', '__x__', 'a/b', 'a\nb', '\ud800', 'x'.repeat(1501)]) {
        await expect(store().create(items, id, {})).rejects.toBeInstanceOf(TypeError);
        await expect(store().get(items, id)).rejects.toBeInstanceOf(TypeError);
      }
      for (const id of ['ann@example.com', 'ü', 'a b', '%', "'; --", 'x'.repeat(1500)]) {
        await store().create(items, id, { note: id });
        expect((await store().get(items, id))?.data.note).toBe(id);
      }
    });

    it('refuses a document past a megabyte, what is no object, and an undeclared collection', async () => {
      await expect(store().put(items, 'a', { owner: 'x'.repeat(1_000_000) })).rejects.toBeInstanceOf(DocumentTooLarge);
      await store().put(items, 'a', { note: 'x'.repeat(900_000) });
      await expect(store().put({ name: 'items', indexes: [] }, 'a', ['no'])).rejects.toBeInstanceOf(TypeError);
      await expect(store().put({ name: 'others', indexes: [] }, 'a', {})).rejects.toBeInstanceOf(TypeError);
    });

    it('refuses what some store could not keep, alike in every way of writing', async () => {
      const nested = Array.from({ length: 20 }).reduce<object>((inner) => ({ inner }), { leaf: true });
      const wrong: Readonly<Record<string, unknown>> = {
        'an array in an array': [[1]],
        'an array in an array, deeper down': { list: [{ of: [[]] }] },
        'an empty name': { '': 1 },
        'a nesting of more than 20': nested,
        'half a character': 'a\ud800',
        'half a character in a name': { '\udc00': 1 },
        'a name that a store keeps for itself': { ['__name__']: 1 },
        'a name of a field that is too long': { ['x'.repeat(1501)]: 1 },
        'an integer that no number holds': 2 ** 53,
        'a negative one': -(2 ** 53) - 2,
        'no number': Number.NaN,
        'no value': undefined,
        'a date': new Date(0),
        'a document that is too large': 'x'.repeat(1_000_000),
        // As JSON it has 240,000 bytes.
        'a document of so many numbers that it is too large': Array.from({ length: 130_000 }, () => 1),
        'a document of so many maps that it is too large': Array.from({ length: 40_000 }, () => ({})),
        'a text in an index that is longer than a query takes': 'x'.repeat(1500),
        'the same in bytes': '€'.repeat(500),
      };
      for (const [what, tag] of Object.entries(wrong)) {
        const data = what === 'no value' ? { tag: [tag] } : { tag };
        await expect(store().create(items, 'a', data), what).rejects.toThrow(/^items\/a/);
        await expect(store().put(items, 'a', data), what).rejects.toThrow(/^items\/a/);
        await expect(
          store().transaction(async (tx) => tx.put(items, 'a', data)),
          what,
        ).rejects.toThrow(/^items\/a/);
      }
      expect(await store().get(items, 'a')).toBeNull();
      const marks = { marks: Array.from({ length: 25_000 }, (_, i) => `${i}`) };
      await expect(store().put(items, 'a', marks)).rejects.toBeInstanceOf(DocumentTooLarge);
      await expect(store().put(items, 'a', { marks: ['x'.repeat(1501)] })).rejects.toThrow(/^items\/a\.marks/);
      const right = { tag: { deep: [{ list: [1, -(2 ** 53) + 1] }], nothing: null }, place: undefined } as object;
      await store().put(items, 'a', right);
      expect((await store().get(items, 'a'))?.data).toEqual({
        tag: { deep: [{ list: [1, -(2 ** 53) + 1] }], nothing: null },
      });
    });

    it('takes what is just small enough', async () => {
      const large: Readonly<Record<string, object>> = {
        'a text in an index': { tag: 'x'.repeat(1499), marks: [`${'€'.repeat(499)}xx`] },
        'a long name': { note: { ['x'.repeat(1495)]: 1, _: 1, __: 1, __a: 1, a__: 1 } },
        'many numbers': { note: Array.from({ length: 120_000 }, () => 1) },
        'many marks': { marks: Array.from({ length: 9_900 }, (_, i) => `${i}`) },
        'a text of every length that UTF-8 has': { note: 'aä€\ud83d\ude00'.repeat(90_000) },
      };
      for (const [what, data] of Object.entries(large)) {
        await store().put(items, 'a', data);
        expect((await store().get(items, 'a'))?.data, what).toEqual(data);
      }
    });

    it('refuses a transaction that one commit could not carry, and writes nothing of it', async () => {
      const write = (count: number) =>
        store().transaction(async (tx) => {
          for (let i = 0; i < count; i++) tx.create(items, `large${i}`, { note: 'x'.repeat(900_000) });
        });
      await expect(write(5)).rejects.toBeInstanceOf(TransactionTooLarge);
      expect((await store().query(items, { limit: 1 })).docs).toEqual([]);
      await write(4);
      expect((await store().query(items, { limit: 20 })).docs.length).toBe(4);
    });

    it('hands watchers the document as it is, and after every commit that changed it', async () => {
      if (!store().capabilities.watch) {
        expect(() =>
          store().watch(
            items,
            'a',
            () => undefined,
            () => undefined,
          ),
        ).toThrow();
        return;
      }
      const seen: unknown[] = [];
      const failed: unknown[] = [];
      let watching = false;
      const told = (doc: Doc<Item> | null): void => {
        expect(watching).toBe(true);
        seen.push(doc?.data.n ?? null);
      };
      const stop = store().watch(items, 'a', told, (error) => failed.push(error));
      watching = true;
      await expect.poll(() => seen.length).toBeGreaterThan(0);
      expect(seen[0]).toBeNull();
      await store().put(items, 'a', { n: 1 });
      await expect.poll(() => seen.at(-1)).toBe(1);
      await store().put(items, 'b', { n: 9 });
      await store().transaction(async (tx) => tx.put(items, 'a', { n: 2 }));
      await expect.poll(() => seen.at(-1)).toBe(2);
      await store().delete(items, 'a');
      await expect.poll(() => seen.at(-1)).toBeNull();
      stop();
      stop();
      const calls = seen.length;
      await store().put(items, 'a', { n: 3 });
      expect(await store().get(items, 'a')).toMatchObject({ data: { n: 3 } });
      expect(seen.length).toBe(calls);
      expect(failed).toEqual([]);
    });
  });
};
