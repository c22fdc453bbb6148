import { systemClock } from '#platform/clock.ts';
import { type Answered, answered } from './call.ts';
import type { Random } from './random.ts';
import type { Service } from './service.ts';
import { create, end, look, nextName, running, sendCreate } from './sessions.ts';
import { isEnded, type TrackedSession } from './tracked-session.ts';
import { count, pause, violation, type World } from './world.ts';

/** More than the meter's, the sweep's and a restart's time together. */
const LIMIT_MS = 60_000;
const LOOK_MS = 250;
/** A keeper ends a session within its grace and a few looks at the clock. */
const LATE_MS = 10_000;
const AT_ONCE = 2;
const ASKED = 5;

const putUser = (world: World, user: string, body: Record<string, unknown>): Promise<Answered> =>
  answered(world, { method: 'PUT', path: `/v1/users/${user}`, body });

/** More creates at once than a user may have sessions: as many are made as may be, whatever is killed meanwhile. */
export const holdLimit = async (world: World, random: Random): Promise<void> => {
  const user = nextName('limited');
  await putUser(world, user, { user_type: 'enterprise', max_concurrent_sessions: AT_ONCE });
  const keepers = world.keepersKilled;
  const asked = Array.from({ length: ASKED }, () => sendCreate(world, random, { user }));
  const made = (await Promise.all(asked)).flatMap((one) => ('session' in one ? [one.session] : []));
  const refused = (await Promise.all(asked)).flatMap((one) => ('answer' in one ? [one.answer] : []));
  for (const { status, body } of refused) {
    if (status !== 409 || body['code'] !== 'quota_exceeded') {
      violation(world, `a create past the limit answered ${status} ${JSON.stringify(body)}`);
    }
  }
  // With its keeper a session leaves its place to another create.
  if (made.length !== AT_ONCE && keepers === world.keepersKilled) {
    violation(world, `${made.length} sessions were made where ${AT_ONCE} are allowed`);
  }
  count(world, 'creates refused at a limit', refused.length);
  for (const session of made) await end(world, random, session);
};

/** Waits for it to be ended by itself with this reason. A killed keeper may be first. */
const endsBy = async (
  world: World,
  random: Random,
  session: TrackedSession,
  reason: string,
  ms: number,
  waits = false,
): Promise<void> => {
  const limit = systemClock.monotonic() + ms;
  while (!isEnded(session.status)) {
    if (world.closing && !waits) return end(world, random, session);
    if (systemClock.monotonic() > limit) {
      violation(world, `session ${session.id} was not ended by ${reason} in time`);
      return end(world, random, session);
    }
    await look(world, session);
    await pause(LOOK_MS);
  }
  if (session.reason === reason) count(world, `sessions ended as ${reason}`);
  else if (!session.keeperMayHaveDied)
    violation(world, `session ${session.id} ended as ${session.reason}, not ${reason}`);
};

/** A session with a minute to live. */
export const outliveTtl = async (world: World, random: Random): Promise<void> => {
  const session = await create(world, random, { user: 'ephemeral', ttl_minutes: 1 }, true);
  if (!session) return;
  await endsBy(world, random, session, 'expired', 60_000 + LIMIT_MS);
};

/** A session whose time comes while no server lives: its keeper ends it on time, and the next server says so. */
export const expireAlone = async (world: World, random: Random, service: Service): Promise<void> => {
  const session = await create(world, random, { user: 'ephemeral', ttl_minutes: 1 }, true);
  if (!session || !(await running(world, session))) return;
  session.endAsked = true;
  const expires = Date.parse(session.expiresAt ?? '');
  await service.kill('server');
  await pause(Math.max(0, expires - systemClock.now()) + LATE_MS);
  await service.start();
  await endsBy(world, random, session, 'expired', LIMIT_MS, true);
  const late = Date.parse(String((await look(world, session))['ended_at'])) - expires;
  if (late < 0 || late > LATE_MS) violation(world, `session ${session.id} ended ${late} ms after its time`);
};

/** A budget that is used up at once: the meter ends the session, and the next one is refused. */
export const useUpBudget = async (world: World, random: Random): Promise<void> => {
  const user = nextName('broke');
  await putUser(world, user, { user_type: 'enterprise', monthly_budget_usd: 0.000001, budget_action: 'terminate' });
  const session = await create(world, random, { user }, true);
  if (!session) return;
  if (!(await running(world, session))) return;
  await endsBy(world, random, session, 'budget_exceeded', LIMIT_MS);
  if (session.reason !== 'budget_exceeded') return;
  const next = await sendCreate(world, random, { user });
  if ('session' in next) {
    violation(world, `a create past the budget made ${next.session.id}`);
    await end(world, random, next.session);
  } else if (next.answer.body['code'] !== 'budget_exceeded') {
    violation(world, `a create past the budget answered ${next.answer.status} ${JSON.stringify(next.answer.body)}`);
  }
};
