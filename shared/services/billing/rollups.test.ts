import { expect, it } from 'vitest';
import { Documents } from '../../../test/simulation/doubles/documents.ts';
import { simulatedStore } from '../../../test/simulation/doubles/store.ts';
import { transact } from '../kernel/draft.ts';
import { rollups } from '../model/collections.ts';
import type { LedgerDoc } from '../model/docs.ts';
import { addToRollups } from './rollups.ts';

const opened = () => {
  const documents = new Documents([rollups]);
  const link = { reach: async <R>(_: string, effect: () => R) => effect(), pause: async () => undefined };
  const store = simulatedStore(documents, { ...link, tries: 3, watch: false, looks: () => true, copies: false });
  return {
    documents: () => documents.all(rollups),
    rows: () => documents.all(rollups).flatMap(({ rows }) => rows),
    /** Writes them as many transactions of a hundred. */
    add: async (entries: readonly LedgerDoc[]) => {
      for (let i = 0; i < entries.length; i += 100)
        await transact(store, (draft) => addToRollups(draft, entries.slice(i, i + 100)));
    },
  };
};

const entry = (other: Partial<LedgerDoc> = {}): LedgerDoc => ({
  id: 'ses-1:0',
  kind: 'compute',
  owner: 'ann',
  user: 'ann',
  workspace_id: 'default',
  session_id: 'ses-1',
  storage_id: null,
  storage: null,
  provider: 'gke',
  n: 0,
  from: '2026-03-05T10:00:00.000Z',
  to: '2026-03-05T11:00:00.000Z',
  milliseconds: 3_600_000,
  nano_usd: 1_000,
  price_table: 'v',
  price_list: 'list',
  missing_prices: [],
  at: '2026-03-05T11:00:00.000Z',
  ...other,
});

it('sums entries of one day, user, workspace, provider and kind', async () => {
  const { add, documents } = opened();
  await add([
    entry({ missing_prices: ['gpu', 'disk'] }),
    entry({ from: '2026-03-05T23:59:59.999Z', nano_usd: 20, milliseconds: 7, missing_prices: ['disk'] }),
    entry({ session_id: 'ses-2', nano_usd: 300, milliseconds: 60 }),
  ]);
  const row = { day: '2026-03-05', user: 'ann', workspace_id: 'default', provider: 'gke', kind: 'compute' };
  expect(documents()).toEqual([
    {
      owner: 'ann',
      month: '2026-03',
      part: 0,
      rows: [{ ...row, nano_usd: 1_320, milliseconds: 3_600_067, missing_prices: ['gpu', 'disk'] }],
    },
  ]);
});

it.each<Partial<LedgerDoc>>([
  { from: '2026-03-06T00:00:00.000Z' },
  { user: 'bob' },
  { workspace_id: 'other' },
  { provider: 'cloud_run' },
  { kind: 'correction' },
])('keeps a row of its own for another %o', async (other) => {
  const { add, rows } = opened();
  await add([entry(), entry({ ...other, nano_usd: -400 })]);
  expect(rows().map(({ nano_usd }) => nano_usd)).toEqual([1_000, -400]);
});

it('keeps a document of its own for each owner and month', async () => {
  const { add, documents } = opened();
  await add([entry(), entry({ owner: 'bob' }), entry({ from: '2026-04-01T00:00:00.000Z' })]);
  expect(documents().map(({ owner, month, part }) => `${owner} ${month} ${part}`)).toEqual([
    'ann 2026-03 0',
    'bob 2026-03 0',
    'ann 2026-04 0',
  ]);
});

it('spreads a month of many rows over documents of at most 100 KB, and finds each of them again', async () => {
  const { add, documents, rows } = opened();
  const users = Array.from({ length: 2_000 }, (_, i) => `a-user-with-a-name-of-some-length-${i}@example.org`);
  const first = users.map((user, i) => entry({ user, nano_usd: i + 1 }));
  await add(first);
  const sizes = documents().map((doc) => ({ part: doc.part, bytes: Buffer.byteLength(JSON.stringify(doc)) }));
  expect(sizes.length).toBeGreaterThan(100);
  for (const { bytes } of sizes) expect(bytes).toBeLessThanOrEqual(100_000);
  // What an owner of usual size has stays in one document.
  expect(sizes[0]).toMatchObject({ part: 0 });
  expect(sizes[0]?.bytes).toBeGreaterThan(90_000);

  await add(first.toReversed().map((one) => ({ ...one, nano_usd: one.nano_usd * 10 })));
  expect(rows()).toHaveLength(users.length);
  const sums = new Map(rows().map(({ user, nano_usd }) => [user, nano_usd]));
  expect([...sums].every(([user, nano]) => nano === (users.indexOf(user) + 1) * 11)).toBe(true);
  const total = (2_000 * 2_001 * 11) / 2;
  expect(rows().reduce((sum, { nano_usd }) => sum + nano_usd, 0)).toBe(total);
  expect(rows().reduce((sum, { milliseconds }) => sum + milliseconds, 0)).toBe(2_000 * 2 * 3_600_000);
});
