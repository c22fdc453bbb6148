import { expect } from 'vitest';
import { create, end, ended, running } from '../../chaos/sessions.ts';
import type { TrackedSession } from '../../chaos/tracked-session.ts';
import { NO_FAULTS } from '../../support/cloud-tasks/faults.ts';
import type { Ground } from './ground.ts';

/** Users of each kind: who create a session while ways are dead, who delete theirs, and whose session expires. */
const EACH = 5;
/** Of gRPC: UNAVAILABLE. */
const UNAVAILABLE = 14;
const APIS = ['api-1', 'api-2'];

/** Ways from a change to the worker. */
export interface Ways {
  /** The api hands an intent to the queue. */
  readonly fast?: true;
  /** An event of the store does. */
  readonly trigger?: true;
  /** Cloud Tasks takes tasks and delivers them. */
  readonly queue?: true;
}

/** The api is refused whatever it enqueues, or no longer. */
export const refuseFastPath = ({ taps }: Ground, refused: boolean): void => {
  for (const api of APIS) taps.queueOf(api)?.trouble(refused ? () => UNAVAILABLE : null);
};

const bury = async (ground: Ground, { fast, trigger, queue }: Ways): Promise<void> => {
  if (fast) refuseFastPath(ground, true);
  if (trigger) await ground.program('trigger').end('SIGKILL');
  if (queue) await ground.setFaults({ outage: true });
};

const restore = async (ground: Ground, { fast, trigger, queue }: Ways): Promise<void> => {
  if (fast) refuseFastPath(ground, false);
  if (trigger) await ground.program('trigger').start();
  if (queue) await ground.setFaults(NO_FAULTS);
};

/** Intents that the sweep has taken up since the scheduler was started. */
const taken = (ground: Ground): number =>
  [
    ...ground
      .program('scheduler')
      .printed()
      .matchAll(/"job":"intents",.*?"taken":(\d+)/g),
  ].reduce((sum, [, count]) => sum + Number(count), 0);

/** Running sessions of users with this name, one for each. A short one expires after a minute. */
export const runningSessions = async (
  { world }: Ground,
  name: string,
  many: number,
  short = false,
): Promise<readonly TrackedSession[]> =>
  Promise.all(
    Array.from({ length: many }, async (_, i) => {
      const asked = { user: `${name}-${i}`, ...(short ? { ttl_minutes: 1 } : {}) };
      const made = await create(world, world.random, asked, short);
      if (!made || !(await running(world, made))) throw new Error(`${name}-${i} got no session`);
      return made;
    }),
  );

/** @returns how each of them has ended, once all have */
export const endsOf = async ({ world }: Ground, sessions: readonly TrackedSession[]): Promise<readonly string[]> => {
  await Promise.all(sessions.map((session) => ended(world, session)));
  return sessions.map(({ status, reason }) => `${status}: ${reason}`);
};

/** While these ways are dead, sessions come to run, are deleted and expire, by the sweep. Then the questions are asked. */
export const withoutWays = async (ground: Ground, ways: Ways): Promise<void> => {
  const { world } = ground;
  const began = performance.now();
  const before = taken(ground);
  const [old, short] = await Promise.all([
    runningSessions(ground, 'deletes', EACH),
    runningSessions(ground, 'expires', EACH, true),
  ]);
  await bury(ground, ways);
  const { deliveries } = await ground.counts();
  const [fresh, expired] = await Promise.all([
    runningSessions(ground, 'creates', EACH),
    endsOf(ground, short),
    ...old.map((session) => end(world, world.random, session)),
  ]);
  expect(expired).toEqual(short.map(() => 'terminated: expired'));
  // Creates and deletes had no other way.
  const swept = taken(ground) - before;
  expect(swept).toBeGreaterThanOrEqual(2 * EACH);
  if (ways.queue) expect((await ground.counts()).deliveries).toBe(deliveries);
  await restore(ground, ways);
  await Promise.all(fresh.map((session) => end(world, world.random, session)));
  expect(await ground.questions()).toEqual([]);
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(`without ${Object.keys(ways).join(' and ')}: ${swept} intents taken up by the sweep, ${seconds} s`);
};
