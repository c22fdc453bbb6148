import { afterEach, describe, expect, it } from 'vitest';
import { byCollection, countsText, type Documents } from '../support/bill/documents.ts';
import { openCountedFirestore } from '../support/bill/firestore.ts';
import { type Life, openLives } from '../support/bill/life.ts';
import { billOf, LIVES_GOAL, sumOf } from '../support/bill/lives-bill.ts';
import { countingStore } from '../support/counting-store.ts';
import { emulatorMissing, startFirestoreEmulator } from '../support/firestore-emulator.ts';

const missing = await emulatorMissing();
if (missing !== null) console.warn(`No life is counted at the Firestore driver without the emulator: ${missing}`);

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const check = (life: Life): void => {
  const rows = billOf(life);
  const sum = sumOf(rows);
  const lines = rows.map(({ what, usd }) => `$${usd.toFixed(4)} ${what}`);
  console.log(['', 'USD for a thousand lives', ...lines, `$${sum.toFixed(4)} in all`].join('\n'));
  const documents = life.parts.flatMap(({ documents: own }) => own);
  const table = byCollection(documents).map(([name, counts]) => `${name}: ${countsText(counts)}`);
  expect(sum, table.join('\n')).toBeLessThanOrEqual(LIVES_GOAL);
  // The figure is of a whole life: each part of it has been through the store.
  for (const { name, documents: own } of life.parts) expect(own.length, name).toBeGreaterThan(0);
};

describe('a life of 30 minutes and 10 commands costs no more than $0.10 for a thousand', () => {
  it('counted at the port, on SQLite', async () => {
    const lives = await openLives(({ store: plain }) => {
      const { store, trips } = countingStore(plain);
      return { store, plain, taken: () => trips().documents };
    });
    closing.push(() => lives.close());
    check(await lives.live());
  });

  it.skipIf(missing !== null)('counted at the Firestore driver, which counts what the port does', async () => {
    const emulator = await startFirestoreEmulator();
    if (emulator === null) throw new Error('there is no emulator');
    closing.push(() => emulator.stop());
    const firestore = await openCountedFirestore(emulator);
    closing.push(() => firestore.close());
    const { store, trips } = countingStore(firestore.store);
    const atPort: string[] = [];
    const atDriver: string[] = [];
    const lives = await openLives(() => ({
      store,
      plain: firestore.plain,
      taken: () => {
        const taken = firestore.taken();
        atDriver.push(...taken);
        atPort.push(...trips().documents);
        return taken;
      },
    }));
    closing.push(() => lives.close());
    check(await lives.live());
    const counted = (documents: Documents) => Object.fromEntries(byCollection(documents.toSorted()));
    expect(counted(atDriver)).toEqual(counted(atPort));
    expect(atDriver.length).toBeGreaterThan(100);
  });
});
