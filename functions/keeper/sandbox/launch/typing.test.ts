import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { typing } from './typing.ts';

/** The sizes in frames, and how many frames there are. */
const sizesIn = (bytes: Buffer): readonly number[] => {
  const sizes: number[] = [];
  for (let at = 0; at < bytes.length; at += 5 + bytes.readUInt32BE(at + 1)) {
    if (bytes[at] === 's'.charCodeAt(0)) sizes.push(bytes.readUInt16LE(at + 7));
  }
  return sizes;
};

/** A waiter, and what has come to it. */
const waiting = (options = {}) => {
  const waiter = new PassThrough(options);
  const read: Buffer[] = [];
  return {
    waiter,
    begin: () => void waiter.on('data', (data: Buffer) => read.push(data)),
    sizes: () => sizesIn(Buffer.concat(read)),
  };
};

it('keeps only the newest size for a waiter that does not read', async () => {
  const { waiter, begin, sizes } = waiting({ highWaterMark: 1024 });
  const { input, resize } = typing(waiter);
  input.write(Buffer.alloc(2000));
  for (let cols = 1; cols <= 10_000; cols++) resize(cols, 24);
  expect(waiter.writableLength + waiter.readableLength).toBeLessThan(5000);
  begin();
  await expect.poll(() => sizes().at(-1)).toBe(10_000);
  expect(sizes().length).toBeLessThan(300);
});

it('sends each size to a waiter that reads', async () => {
  const { waiter, begin, sizes } = waiting();
  const { resize } = typing(waiter);
  begin();
  for (const cols of [80, 100, 120]) resize(cols, 24);
  await expect.poll(sizes).toEqual([80, 100, 120]);
});
