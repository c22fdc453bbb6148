import { afterAll, beforeAll, describe, it } from 'vitest';
import { emulatorMissing } from '../../support/firestore-emulator.ts';
import { type Ground, openGround } from './ground.ts';
import { withoutWays } from './ways.ts';

const missing = await emulatorMissing();

describe.skipIf(missing !== null)(`Cloud Tasks is dead${missing === null ? '' : `: ${missing}`}`, () => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await openGround({ seed: 3 });
  });
  afterAll(() => ground?.stop());

  it('and the fast path: sessions run, are deleted and expire by the sweep', async () => {
    await withoutWays(ground, { fast: true, queue: true });
  });

  it('and the trigger: sessions run, are deleted and expire by the sweep', async () => {
    await withoutWays(ground, { trigger: true, queue: true });
  });
});
