import { loadavg } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../acceptance/support/until.ts';
import { emulatorMissing } from '../../support/firestore-emulator.ts';
import { type Ground, openGround } from './ground.ts';
import { startUsers } from './load.ts';
import { endsOf, refuseFastPath, runningSessions } from './ways.ts';

/** `KILLS=100 npm test -- test/disasters/cloud/functions.test.ts` is the full length. */
const KILLS = Number(process.env['KILLS'] ?? 10);
const SEED = Number(process.env['SEED'] ?? 1);
/** Sessions that end by their task, and as many by the keeper’s deadline. */
const ENDING = 4;

const missing = await emulatorMissing();

describe.skipIf(missing !== null)(`functions that die${missing === null ? '' : `: ${missing}`}`, () => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await openGround({ seed: SEED });
  });
  afterAll(() => ground?.stop());

  it(`loses nothing to ${KILLS} kills within a step`, { timeout: 600_000 + KILLS * 30_000 }, async () => {
    const { world, killer } = ground;
    const finish = startUsers(world);
    const began = performance.now();
    for (let i = 1; i <= KILLS; i++) {
      const step = await killer.kill();
      if (i % 10 === 0 && i < KILLS) console.log(`${i} kills, the last within ${step}`);
    }
    const minutes = (performance.now() - began) / 60_000;
    const made = world.counts.get('sessions created') ?? 0;
    await finish();
    const wrong = await ground.questions();
    const hit = killer.hit();
    console.log(
      [
        `${KILLS} kills in ${minutes.toFixed(1)} min at a load of ${(loadavg()[0] ?? 0).toFixed(1)}, ` +
          `${(made / minutes).toFixed(1)} creates a minute, ${hit.length} of ${killer.steps.size} steps hit`,
        ...hit.map(([step, times]) => `${String(times).padStart(5)}  ${step}`),
        ...[...world.counts].map(([what, many]) => `${String(many).padStart(8)}  ${what}`),
      ].join('\n'),
    );
    expect(wrong).toEqual([]);
    expect(hit.reduce((sum, [, times]) => sum + times, 0)).toBe(KILLS);
    expect(hit.length).toBeGreaterThanOrEqual(Math.min(30, Math.ceil(KILLS / 2)));
    expect(made).toBeGreaterThan(0);
  });

  it('ends sessions by their task, or else stops them at their deadline, while the scheduler is dead', async () => {
    for (const name of ['schedule', 'scheduler']) await ground.program(name).end('SIGKILL');
    const byTask = await runningSessions(ground, 'task', ENDING, true);
    // The task of their end is refused, so that they come to run by the trigger and have no such task.
    refuseFastPath(ground, true);
    const byDeadline = await runningSessions(ground, 'deadline', ENDING, true);
    refuseFastPath(ground, false);
    const expired = byTask.map(() => 'terminated: expired');
    expect(await endsOf(ground, byTask)).toEqual(expired);
    const ids = byDeadline.map(({ id }) => id);
    await until('the keeper has ended the others', async () => {
      const found = (await ground.sandboxes()).filter(({ session_id }) => ids.includes(session_id));
      return found.length === ENDING && found.every((sandbox) => sandbox.ended);
    });
    // It is not on record yet.
    const { sessions } = await ground.documents();
    const onRecord = sessions.filter(({ id }) => ids.includes(id)).map(({ status }) => status);
    expect(onRecord).toEqual(byDeadline.map(() => 'running'));
    for (const name of ['scheduler', 'schedule']) await ground.program(name).start();
    expect(await endsOf(ground, byDeadline)).toEqual(expired);
    expect(await ground.questions()).toEqual([]);
  });
});
