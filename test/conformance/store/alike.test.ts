import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emulatorMissing } from '../../support/firestore-emulator.ts';
import { emulatorForFile, openOn } from './firestore-fixture.ts';
import { program, run } from './programs.ts';
import { openStoreIn, temporaryFolder } from './temporary.ts';

const missing = await emulatorMissing();
/** `PROGRAMS=500` runs more of them. */
const PROGRAMS = Number(process.env['PROGRAMS'] ?? 60);

describe.skipIf(missing !== null)(`SQLite and Firestore${missing === null ? '' : `: ${missing}`}`, () => {
  const emulator = emulatorForFile();
  it(`give the same answers to ${PROGRAMS} random programs`, async () => {
    const check = fc.asyncProperty(program, async (steps) => {
      const folder = await temporaryFolder();
      const [sqlite, firestore] = await Promise.all([openStoreIn(folder.path), openOn(emulator())]);
      try {
        const [wanted, got] = await Promise.all([run(sqlite, steps), run(firestore, steps)]);
        expect(got).toEqual(wanted);
      } finally {
        await Promise.all([sqlite.close(), firestore.close()]);
        await folder.remove();
      }
    });
    await fc.assert(check, { numRuns: PROGRAMS, endOnFailure: false });
  });
});
