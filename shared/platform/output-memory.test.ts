import { expect, it } from 'vitest';
import { OutputMemory, outputMemory } from './output-memory.ts';

const MIB = 1024 * 1024;

const watched = (levels: readonly number[]) => {
  let [looks, collections] = [0, 0];
  const memory = new OutputMemory({
    external: () => (levels[Math.min(looks++, levels.length - 1)] ?? 0) * MIB,
    collect: () => void collections++,
  });
  return { memory, looks: () => looks, collections: () => collections };
};

it('looks after every 4 MiB, and collects what has grown by 16 MiB', () => {
  const { memory, looks, collections } = watched([40, 50, 55, 56, 45, 60, 61]);
  for (let passed = 0; passed < 4; passed++) memory.passed(MIB);
  expect([looks(), collections()]).toEqual([1, 0]);
  for (const expected of [0, 0, 1]) {
    memory.passed(4 * MIB);
    expect(collections()).toBe(expected);
  }
  // Measured from what was left by the collection.
  memory.passed(4 * MIB);
  expect(collections()).toBe(1);
  memory.passed(4 * MIB);
  expect(collections()).toBe(2);
});

it('does not collect in vain where as much is in use', () => {
  const { memory, collections } = watched([200]);
  for (let passed = 0; passed < 100; passed++) memory.passed(4 * MIB);
  expect(collections()).toBe(0);
});

it('frees blocks of this process that nothing refers to, also those that have waited for their reader', () => {
  const before = process.memoryUsage().external;
  const waiting: Buffer[] = [];
  let most = 0;
  for (let made = 0; made < 300; made++) {
    waiting.push(Buffer.from('x'.repeat(MIB)));
    if (waiting.length > 8) waiting.shift();
    // The collections of young objects, which find a waiting block in use.
    for (let young = 0; young < 20; young++) Array.from({ length: 10_000 }, () => ({}));
    outputMemory.passed(MIB);
    most = Math.max(most, process.memoryUsage().external - before);
  }
  expect(most).toBeLessThan(40 * MIB);
});
