import { expect, it } from 'vitest';
import { readPriceFile } from '#domain/price-file.ts';
import { PRICE_LIST, priceTable } from '#domain/prices.ts';
import { snippets } from './snippets.ts';

it('the price file of docs/running.md is one that the server takes, and each of its rows counts', () => {
  const [example, ...more] = snippets('docs/running.md').filter(({ language }) => language === 'json');
  expect(more).toEqual([]);
  const read = readPriceFile(example?.text ?? '', PRICE_LIST.region);
  expect(read).toMatchObject({ ok: true, file: { name: 'acme 2027' } });
  if (!read.ok) return;
  const table = priceTable(PRICE_LIST.region, read.file);
  const builtIn = priceTable(PRICE_LIST.region);
  for (const { item } of read.file.rows) {
    expect([item, table.get(item), table.bound(item)]).not.toEqual([item, builtIn.get(item), builtIn.bound(item)]);
  }
});
