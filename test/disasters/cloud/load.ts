import { Over, tryOnce } from '../../chaos/call.ts';
import { appendLines } from '../../chaos/commands.ts';
import type { Random } from '../../chaos/random.ts';
import { create, end, running } from '../../chaos/sessions.ts';
import type { TrackedSession } from '../../chaos/tracked-session.ts';
import { count, pause, violation, type World } from '../../chaos/world.ts';

const USERS = 20;
/** Between two sessions of a user. */
const REST_MS = [500, 2_000] as const;

const TRIES = 3;

/**
 * Moves its end. It may be told each time that the end is recorded and not held yet: each call moves it anew, and has
 * some seconds to see it held. Unlike others this call is therefore given up, and then either end is right.
 */
const moveEnd = async (world: World, random: Random, session: TrackedSession): Promise<void> => {
  const body = { ttl_minutes: random.whole(30, 300) };
  session.expiryUnsure = true;
  for (let tries = 0; tries < TRIES; tries++) {
    const answer = await tryOnce(world, { method: 'PATCH', path: `/v1/sessions/${session.id}`, body });
    if (answer?.status === 200) {
      session.expiresAt = String(answer.body['expires_at']);
      session.expiryUnsure = false;
      count(world, 'changes acknowledged');
      return;
    }
    if (answer) violation(world, `PATCH of ${session.id} answered ${answer.status} ${JSON.stringify(answer.body)}`);
    await pause(world.patience.again_ms);
  }
  count(world, 'changes given up');
};

/** One session of a user: made, changed at times, used, and ended. Some end before anybody has seen them run. */
const sessionLife = async (world: World, random: Random, user: string): Promise<void> => {
  const session = await create(world, random, { user });
  if (!session) return;
  if (random.chance(0.9) && (await running(world, session))) {
    if (random.chance(0.3)) await moveEnd(world, random, session);
    await appendLines(world, random, session);
  }
  await end(world, random, session);
};

/**
 * Users who create sessions, run commands in them and delete them. As a client library does they repeat a call under its
 * key until it is answered. @returns how to let them finish; it resolves once all have
 */
export const startUsers = (world: World, many = USERS): (() => Promise<void>) => {
  let closing = false;
  const user = async (name: string, random: Random): Promise<void> => {
    while (!closing) {
      try {
        await sessionLife(world, random, name);
      } catch (error) {
        if (error instanceof Over) return;
        violation(world, `${name} fell: ${error instanceof Error ? error.stack : String(error)}`);
      }
      await pause(random.whole(...REST_MS));
    }
  };
  const all = Promise.all(Array.from({ length: many }, (_, i) => user(`user-${i + 1}`, world.random.fork())));
  return async () => {
    closing = true;
    await all;
  };
};
