import { afterEach, expect, it, vi } from 'vitest';
import { Contact } from '../transport/contact.ts';
import { Retries } from '../transport/retries.ts';
import type { Transport } from '../transport/transport.ts';
import { resumed } from './resumed.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('waits before the next connection as long as the server asked, and a minute at most', async () => {
  vi.useFakeTimers();
  const baseUrl = 'http://a:1';
  const transport = {
    settings: { baseUrl },
    retriesAfterACut: () => 4,
    retries: (most: number) => new Retries(new Contact(), { baseUrl, most, reconnectSeconds: 0 }),
  } as unknown as Transport;
  const opened: number[] = [];
  const asks = [30_000, 3_600_000];
  const source = resumed<number>(transport, { session_id: 's', exec_id: 'e' }, {}, async function* (onRetry) {
    opened.push(Date.now());
    const asked = asks.shift();
    if (asked === undefined) return 'ended';
    onRetry(asked);
    yield asked;
    return 'cut';
  });
  const found: number[] = [];
  const all = (async () => {
    for await (const event of source) found.push(event);
  })();
  await vi.advanceTimersByTimeAsync(100_000);
  await all;
  expect(found).toEqual([30_000, 3_600_000]);
  expect(opened.slice(1).map((at, i) => at - (opened[i] ?? 0))).toEqual([30_000, 60_000]);
});
