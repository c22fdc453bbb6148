import { describe } from 'vitest';
import { emulatorMissing } from '../../support/firestore-emulator.ts';
import { items } from './fixture.ts';
import { emulatorForFile, openOn } from './firestore-fixture.ts';
import { foreignTests } from './firestore-foreign.ts';
import { storeConformance } from './suite.ts';

// Google's clients ask a link-local address otherwise.
process.env['METADATA_SERVER_DETECTION'] = 'none';

const missing = await emulatorMissing();

describe.skipIf(missing !== null)(`on the Firestore emulator${missing === null ? '' : `: ${missing}`}`, () => {
  const emulator = emulatorForFile();
  foreignTests(emulator);
  storeConformance('firestore', async (collections) => {
    const store = await openOn(emulator(), { collections });
    const other = await openOn(emulator(), { collections });
    const dispose = async (): Promise<void> => {
      await Promise.all([store.close(), other.close()]);
    };
    // Documents of another project are behind no lock of this one.
    return { store, dispose, probe: async () => void (await other.get(items, 'probe')) };
  });
});
