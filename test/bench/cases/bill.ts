import { byCollection, countsText, documentsUsd } from '../../support/bill/documents.ts';
import { openCountedFirestore } from '../../support/bill/firestore.ts';
import { idleBill, idleTick, tickStepUsd } from '../../support/bill/idle.ts';
import { COMMANDS, type Life, MINUTES, openLives } from '../../support/bill/life.ts';
import { type BillRow, billOf, LIVES_GOAL, sumOf, THOUSAND } from '../../support/bill/lives-bill.ts';
import { emulatorMissing, type FirestoreEmulator, startFirestoreEmulator } from '../../support/firestore-emulator.ts';
import { atMost, type Figure, figure } from '../support/figure.ts';

const rowsOf = (id: string, rows: readonly BillRow[]): Figure[] =>
  rows.map((row) => figure(`${id}.${row.id}`, row.what, row.usd, 'USD'));

const livesOn = async (emulator: FirestoreEmulator): Promise<Life> => {
  const firestore = await openCountedFirestore(emulator);
  const lives = await openLives(() => firestore);
  try {
    return await lives.live();
  } finally {
    await lives.close();
    await firestore.close();
  }
};

const idleOn = async (emulator: FirestoreEmulator): Promise<BillRow[]> => {
  const firestore = await openCountedFirestore(emulator);
  try {
    return idleBill(await idleTick(firestore));
  } finally {
    await firestore.close();
  }
};

/** What the services cost on Google Cloud, counted at the Firestore driver and priced by the list. Time is no part of it. */
export const bill = async (): Promise<Figure[]> => {
  const emulator = await startFirestoreEmulator();
  if (emulator === null) throw new Error(`the Firestore emulator can't run here: ${await emulatorMissing()}`);
  try {
    const life = await livesOn(emulator);
    const lives = billOf(life);
    const idle = await idleOn(emulator);
    const collections = byCollection(life.parts.flatMap(({ documents }) => documents)).map(([name, counts]) =>
      figure(`bill.of.${name}`, `of it: ${countsText(counts)}`, documentsUsd(counts) * THOUSAND, 'USD'),
    );
    const what = `a thousand lives: create, ${COMMANDS} commands, ${MINUTES} minutes, delete; list prices`;
    return [
      figure('bill.lives', what, sumOf(lives), 'USD', { goal: atMost(LIVES_GOAL) }),
      ...rowsOf('bill.lives', lives),
      ...collections,
      figure('bill.idle', 'a month without calls; list prices', sumOf(idle), 'USD'),
      ...rowsOf('bill.idle', idle),
      figure('bill.tick', 'not in it: each 100 ms that a tick takes, with 1 vCPU and 512 MiB', tickStepUsd(), 'USD'),
    ];
  } finally {
    await emulator.stop();
  }
};
