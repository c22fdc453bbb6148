import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pause } from '../../chaos/world.ts';
import { NO_FAULTS } from '../../support/cloud-tasks/faults.ts';
import { emulatorMissing } from '../../support/firestore-emulator.ts';
import { type Ground, openGround } from './ground.ts';
import { startUsers } from './load.ts';
import { withoutWays } from './ways.ts';

const TASKS_DOWN_MS = 30_000;
const STORE_STOPPED_MS = 10_000;
/** Of undisturbed load before and after a disaster. */
const AROUND_MS = 2_000;
const LOAD_MS = 8_000;

const missing = await emulatorMissing();

describe.skipIf(missing !== null)(`what the functions call${missing === null ? '' : `: ${missing}`}`, () => {
  let ground: Ground;
  beforeAll(async () => {
    // Each event comes twice, in all of these disasters.
    ground = await openGround({ seed: 2, triggerArgs: ['--duplicates'] });
  });
  afterAll(() => ground?.stop());

  const made = (): number => ground.world.counts.get('sessions created') ?? 0;
  /** Twenty users are at work while something happens; then the questions are asked. */
  const under = async (disaster: () => Promise<void>): Promise<void> => {
    const [began, before] = [performance.now(), made()];
    const finish = startUsers(ground.world);
    await pause(AROUND_MS);
    await disaster();
    await pause(AROUND_MS);
    const minutes = (performance.now() - began) / 60_000;
    const rate = (made() - before) / minutes;
    await finish();
    const wrong = await ground.questions();
    const seconds = Math.round((performance.now() - began) / 1000);
    console.log(`${expect.getState().currentTestName}: ${rate.toFixed(1)} creates a minute, ${seconds} s in all`);
    expect(wrong).toEqual([]);
    expect(made()).toBeGreaterThan(before);
  };

  it(`loses nothing while Cloud Tasks is down for ${TASKS_DOWN_MS / 1000} s`, async () => {
    await under(async () => {
      await ground.setFaults({ outage: true });
      const before = await ground.counts();
      await pause(TASKS_DOWN_MS);
      const after = await ground.counts();
      await ground.setFaults(NO_FAULTS);
      expect(after.created).toBe(before.created);
      expect(after.calls['CreateTask']).toBeGreaterThan(before.calls['CreateTask'] ?? 0);
    });
  });

  it('loses nothing while the trigger is dead', async () => {
    const trigger = ground.program('trigger');
    await trigger.end('SIGKILL');
    const told = trigger.printed();
    await under(() => pause(LOAD_MS));
    expect(trigger.printed()).toBe(told);
    await trigger.start();
  });

  it('does nothing twice when every task comes twice at once, and some again', async () => {
    const before = await ground.counts();
    await ground.setFaults({ duplicates: 'at once', lost_acknowledgements: 0.2 });
    await under(() => pause(LOAD_MS));
    await ground.setFaults(NO_FAULTS);
    const after = await ground.counts();
    expect(after.duplicates - before.duplicates).toBeGreaterThan(0);
    expect(after.lost_acknowledgements).toBeGreaterThan(before.lost_acknowledgements);
  });

  it(`loses nothing while Firestore stands still for ${STORE_STOPPED_MS / 1000} s`, async () => {
    await under(async () => {
      ground.program('firestore').signal('SIGSTOP');
      const asked = fetch(`http://${ground.topology.emulatorHost}/`, { signal: AbortSignal.timeout(STORE_STOPPED_MS) });
      await expect(asked).rejects.toThrow();
      ground.program('firestore').signal('SIGCONT');
    });
  });

  it('starts and ends sessions by the sweep while the fast path and the trigger are dead', async () => {
    await withoutWays(ground, { fast: true, trigger: true });
  });
});
