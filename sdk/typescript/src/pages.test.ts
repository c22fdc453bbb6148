import { describe, expect, it } from 'vitest';
import { Listing } from './pages.ts';

const pages: Readonly<Record<string, { readonly items: readonly number[]; readonly next_cursor: string | null }>> = {
  first: { items: [1, 2], next_cursor: 'second' },
  second: { items: [], next_cursor: 'third' },
  third: { items: [3], next_cursor: null },
};
const listing = () => {
  const read: string[] = [];
  const list = new Listing(async (cursor) => {
    read.push(cursor ?? 'first');
    return pages[cursor ?? 'first'] ?? { items: [], next_cursor: null };
  });
  return { list, read };
};

describe('Listing', () => {
  it('goes through all pages, an empty one among them', async () => {
    expect(await listing().list.all()).toEqual([1, 2, 3]);
  });

  it('reads no page that is not asked for', async () => {
    const { list, read } = listing();
    expect(await list.all(2)).toEqual([1, 2]);
    expect(await list.all(0)).toEqual([]);
    for await (const item of list) if (item === 1) break;
    expect(read).toEqual(['first', 'first']);
  });

  it('begins anew each time it is gone through', async () => {
    const { list } = listing();
    expect([await list.all(), await list.all()]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  it('reads one page by its cursor', async () => {
    expect(await listing().list.page('third')).toEqual({ items: [3], next_cursor: null });
  });
});
