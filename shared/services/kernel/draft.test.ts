import { expect, it } from 'vitest';
import { Documents } from '../../../test/simulation/doubles/documents.ts';
import { simulatedStore } from '../../../test/simulation/doubles/store.ts';
import { AlreadyExists, type Collection, type Store, type Transaction } from '#ports/store.ts';
import { type Draft, transact } from './draft.ts';

interface Animal {
  readonly name: string;
  readonly legs: number;
}

const cats: Collection<Animal> = { name: 'cats', indexes: [['legs']] };
const dogs: Collection<Animal> = { name: 'dogs', indexes: [] };

/** A store with `tom` and `kit`, and what its transactions were asked for. */
const opened = () => {
  const documents = new Documents([cats, dogs]);
  const link = { reach: async <R>(_: string, effect: () => R) => effect(), pause: async () => undefined };
  const real = simulatedStore(documents, { ...link, tries: 3, watch: false, looks: () => true, copies: false });
  documents.commit([
    documents.write('create', 'cats', 'tom', { name: 'Tom', legs: 4 }),
    documents.write('create', 'cats', 'kit', { name: 'Kit', legs: 3 }),
  ]);
  const asked: string[] = [];
  const spied = (tx: Transaction): Transaction => ({
    get: (collection, id) => {
      asked.push(`get ${collection.name}/${id}`);
      return tx.get(collection, id);
    },
    getMany: (collection, ids) => {
      asked.push(`getMany ${collection.name}/${ids.join()}`);
      return tx.getMany(collection, ids);
    },
    query: (collection, query) => tx.query(collection, query),
    create: (collection, id, data) => {
      asked.push(`create ${collection.name}/${id}`);
      tx.create(collection, id, data);
    },
    put: (collection, id, data) => {
      asked.push(`put ${collection.name}/${id}`);
      tx.put(collection, id, data);
    },
    delete: (collection, id) => {
      asked.push(`delete ${collection.name}/${id}`);
      tx.delete(collection, id);
    },
  });
  const store: Store = { ...real, transaction: (fn) => real.transaction((tx) => fn(spied(tx))) };
  const run = <R>(work: (draft: Draft) => Promise<R>): Promise<R> => transact(store, work);
  const stored = (collection: Collection<Animal>, id: string) => documents.get(collection.name, id)?.data ?? null;
  return { asked, run, stored };
};

const tom = { name: 'Tom', legs: 4 };
const rex = { name: 'Rex', legs: 4 };

it('reads a document once, also where two ask for it at the same time', async () => {
  const { asked, run } = opened();
  const read = await run(async (draft) => {
    const both = await Promise.all([draft.get(cats, 'tom'), draft.get(cats, 'tom')]);
    return [...both, await draft.get(cats, 'tom'), await draft.attempt((part) => part.get(cats, 'tom'))];
  });
  expect(read).toEqual([tom, tom, tom, tom]);
  expect(asked).toEqual(['get cats/tom']);
});

it('reads a document that is not there once', async () => {
  const { asked, run } = opened();
  expect(await run(async (draft) => [await draft.get(cats, 'ada'), await draft.get(cats, 'ada')])).toEqual([
    null,
    null,
  ]);
  expect(asked).toEqual(['get cats/ada']);
});

it('fetches what is about to be read in one call for each collection', async () => {
  const { asked, run } = opened();
  const read = await run(async (draft) => {
    await draft.prefetch([
      [cats, 'tom'],
      [dogs, 'rex'],
      [cats, 'kit'],
      [cats, 'tom'],
    ]);
    return [await draft.get(cats, 'tom'), await draft.get(cats, 'kit'), await draft.get(dogs, 'rex')];
  });
  expect(read).toEqual([tom, { name: 'Kit', legs: 3 }, null]);
  expect(asked).toEqual(['getMany cats/tom,kit', 'getMany dogs/rex']);
});

it('fetches nothing that was read or written before', async () => {
  const { asked, run } = opened();
  await run(async (draft) => {
    await draft.get(cats, 'tom');
    draft.create(dogs, 'rex', rex);
    await draft.prefetch([
      [cats, 'tom'],
      [cats, 'kit'],
      [dogs, 'rex'],
    ]);
  });
  expect(asked).toEqual(['get cats/tom', 'getMany cats/kit', 'create dogs/rex']);
});

it('reads what it has written, and asks the store for none of it', async () => {
  const { asked, run } = opened();
  const read = await run(async (draft) => {
    draft.create(dogs, 'rex', rex);
    draft.put(cats, 'kit', { name: 'Kit', legs: 4 });
    draft.delete(cats, 'tom');
    return [await draft.get(dogs, 'rex'), await draft.get(cats, 'kit'), await draft.get(cats, 'tom')];
  });
  expect(read).toEqual([rex, { name: 'Kit', legs: 4 }, null]);
  expect(asked).toEqual(['create dogs/rex', 'put cats/kit', 'delete cats/tom']);
});

it('finds by what the store has, and gives each document as it has written it', async () => {
  const { run } = opened();
  const query = { order: { field: 'legs', direction: 'asc' }, limit: 10 } as const;
  const legs = async (draft: Draft): Promise<number[]> =>
    (await draft.query(cats, query)).docs.map(({ data }) => data.legs);
  const seen = await run(async (draft) => {
    draft.put(cats, 'tom', { name: 'Tom', legs: 7 });
    draft.create(cats, 'new', { name: 'New', legs: 1 });
    const changed = await legs(draft);
    draft.delete(cats, 'tom');
    // A part that shares the transaction sees it too.
    return [changed, await draft.attempt(legs)];
  });
  expect(seen).toEqual([[3, 7], [3]]);
});

it('does not write a document that is put as it was read', async () => {
  const { asked, run, stored } = opened();
  await run(async (draft) => {
    const before = (await draft.get(cats, 'tom')) ?? rex;
    draft.put(cats, 'tom', { ...before, legs: 3 });
    draft.put(cats, 'tom', { ...before });
    draft.put(cats, 'kit', { ...((await draft.get(cats, 'kit')) ?? rex), legs: 4 });
  });
  expect(asked.filter((each) => each.startsWith('put'))).toEqual(['put cats/kit']);
  expect([stored(cats, 'tom'), stored(cats, 'kit')]).toEqual([tom, { name: 'Kit', legs: 4 }]);
});

it('writes what is put unread, as nobody knows what it was', async () => {
  const { asked, run } = opened();
  await run(async (draft) => draft.put(cats, 'tom', tom));
  expect(asked).toEqual(['put cats/tom']);
});

it('keeps a document that it makes a create, whatever is put over it', async () => {
  const { run, stored } = opened();
  const make = (id: string) =>
    run(async (draft) => {
      draft.create(cats, id, { name: id, legs: 4 });
      await draft.attempt(async (part) => part.put(cats, id, { name: id, legs: 5 }));
    });
  await make('ada');
  expect(stored(cats, 'ada')).toEqual({ name: 'ada', legs: 5 });
  await expect(make('tom')).rejects.toBeInstanceOf(AlreadyExists);
  expect(stored(cats, 'tom')).toEqual(tom);
});

it('drops the writes of an attempt that throws, and no others', async () => {
  const { asked, run, stored } = opened();
  const refused = new Error('refused');
  const read = await run(async (draft) => {
    draft.put(cats, 'kit', { name: 'Kit', legs: 1 });
    const failing = draft.attempt(async (part) => {
      part.create(dogs, 'rex', rex);
      part.delete(cats, 'tom');
      part.put(cats, 'kit', { name: 'Kit', legs: 2 });
      await part.attempt(async (inner) => inner.create(dogs, 'bo', rex));
      throw refused;
    });
    await expect(failing).rejects.toBe(refused);
    await draft.attempt(async (part) => part.create(dogs, 'pip', rex));
    return [await draft.get(cats, 'kit'), await draft.get(cats, 'tom'), await draft.get(dogs, 'rex')];
  });
  expect(read).toEqual([{ name: 'Kit', legs: 1 }, tom, null]);
  expect(asked.filter((each) => !each.startsWith('get'))).toEqual(['put cats/kit', 'create dogs/pip']);
  expect([stored(cats, 'kit'), stored(dogs, 'bo')]).toEqual([{ name: 'Kit', legs: 1 }, null]);
});

it('shows an attempt what was written before it, and shows its writes after it', async () => {
  const { run } = opened();
  const read = await run(async (draft) => {
    draft.put(cats, 'tom', { name: 'Tom', legs: 1 });
    const within = await draft.attempt(async (part) => {
      part.put(cats, 'kit', { name: 'Kit', legs: 2 });
      return part.get(cats, 'tom');
    });
    return [within?.legs, (await draft.get(cats, 'kit'))?.legs];
  });
  expect(read).toEqual([1, 2]);
});

it('writes nothing where the work throws', async () => {
  const { asked, run } = opened();
  const broken = run(async (draft) => {
    draft.delete(cats, 'tom');
    throw new TypeError('broken');
  });
  await expect(broken).rejects.toThrow('broken');
  expect(asked).toEqual([]);
});
