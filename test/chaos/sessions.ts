import { systemClock } from '#platform/clock.ts';
import { type Answered, type Ask, answered } from './call.ts';
import type { Json } from './json.ts';
import type { Random } from './random.ts';
import { isEnded, TrackedSession } from './tracked-session.ts';
import { count, pause, violation, type World } from './world.ts';

let made = 0;
/** A name that nothing else of this run has. */
export const nextName = (prefix: string): string => `${prefix}-${++made}`;

/** Looks at a session and holds what it says against what was said before. */
export const look = async (world: World, session: TrackedSession): Promise<Json> => {
  const before = session.known();
  const { status, body } = await answered(world, { method: 'GET', path: `/v1/sessions/${session.id}` });
  if (status !== 200) {
    violation(world, `session ${session.id} was acknowledged and GET answers ${status}`);
    return body;
  }
  for (const wrong of session.look(before, body)) violation(world, wrong);
  return body;
};

/** Asks for a session with an idempotency key, at times twice at once: it must be one. */
export const sendCreate = async (
  world: World,
  random: Random,
  body: Json,
  endsByItself = false,
): Promise<{ readonly session: TrackedSession } | { readonly answer: Answered }> => {
  const op = nextName('op');
  const keepers = world.keepersKilled;
  const ask: Ask = {
    method: 'POST',
    path: random.chance(0.5) ? '/v1/sessions' : '/v1/sessions?wait=5',
    body: { namespace: 'chaos', resource_package: 'dev_micro', ttl_minutes: 60, labels: { op }, ...body },
    idempotencyKey: op,
  };
  const [answer, second] = await Promise.all([
    answered(world, ask),
    random.chance(0.3) ? answered(world, ask) : Promise.resolve(null),
  ]);
  const made = [answer, ...(second ? [second] : [])].filter(({ status }) => status === 200);
  const ids = new Set(made.map(({ body: { id } }) => String(id)));
  if (ids.size > 1) violation(world, `one idempotency key made ${[...ids].join(' and ')}`);
  const [first] = made;
  if (!first) return { answer };
  const session = new TrackedSession(String(first.body['id']), keepers, () => world.keepersKilled);
  session.expiresAt = String(first.body['expires_at']);
  session.labels = { op };
  session.endAsked = endsByItself;
  world.sessions.set(session.id, session);
  for (const wrong of session.look(session.known(), first.body)) violation(world, wrong);
  count(world, 'sessions created');
  return { session };
};

/** The same where nothing is in the way. null: it was refused, which is a violation. */
export const create = async (
  world: World,
  random: Random,
  body: Json,
  endsByItself = false,
): Promise<TrackedSession | null> => {
  const made = await sendCreate(world, random, body, endsByItself);
  if ('session' in made) return made.session;
  violation(world, `a create was refused: ${made.answer.status} ${JSON.stringify(made.answer.body).slice(0, 300)}`);
  return null;
};

/** Waits for it to run. @returns null where it ended instead */
export const running = async (world: World, session: TrackedSession): Promise<Json | null> => {
  const end = systemClock.monotonic() + world.patience.end_ms;
  for (;;) {
    const seen = await look(world, session);
    if (seen['status'] === 'running') return seen;
    if (session.status !== 'creating') return null;
    if (systemClock.monotonic() > end) {
      violation(world, `session ${session.id} did not come to run within ${world.patience.end_ms / 1000} s`);
      return null;
    }
    await pause(world.patience.look_ms);
  }
};

/** A call about a session that may end under it. null: it has, for a reason that may be. */
export const inSession = async (world: World, session: TrackedSession, ask: Ask): Promise<Answered | null> => {
  const answer = await answered(world, { ...ask, path: `/v1/sessions/${session.id}${ask.path}` });
  if (answer.status === 200) return answer;
  const code = answer.body['code'];
  if (session.keeperMayHaveDied && (code === 'session_not_running' || code === 'conflict')) return null;
  violation(
    world,
    `${ask.method} ${ask.path} of ${session.id} answered ${answer.status} ${JSON.stringify(answer.body)}`,
  );
  return null;
};

/** Ends it in one of the three ways, and sees that it has ended. */
export const end = async (world: World, random: Random, session: TrackedSession): Promise<void> => {
  session.endAsked = true;
  const how = random.pick(['DELETE', 'terminate', 'force-delete']);
  const path = `/v1/sessions/${session.id}`;
  const before = session.known();
  const answer = await answered(
    world,
    how === 'DELETE' ? { method: 'DELETE', path } : { method: 'POST', path: `${path}/${how}` },
  );
  if (answer.status !== 200) {
    violation(world, `${how} of ${session.id} answered ${answer.status} ${JSON.stringify(answer.body)}`);
    return;
  }
  for (const wrong of session.look(before, answer.body)) violation(world, wrong);
  await ended(world, session);
  count(world, 'sessions ended');
};

/** Waits for it to have ended. */
export const ended = async (world: World, session: TrackedSession): Promise<void> => {
  const limit = systemClock.monotonic() + world.patience.end_ms;
  while (!isEnded(session.status)) {
    await look(world, session);
    if (isEnded(session.status)) return;
    if (systemClock.monotonic() > limit) {
      violation(
        world,
        `session ${session.id} is ${session.status} ${world.patience.end_ms / 1000} s after it was to end`,
      );
      return;
    }
    await pause(world.patience.look_ms);
  }
};

/** Gives it another end or other labels. */
export const change = async (world: World, random: Random, session: TrackedSession): Promise<void> => {
  const ttl = random.chance(0.6);
  if (ttl) session.expiryUnsure = true;
  else session.labelsUnsure = true;
  const labels = { op: String(session.labels?.['op']), turn: nextName('turn') };
  const body = ttl ? { ttl_minutes: random.whole(30, 300) } : { labels };
  const answer = await inSession(world, session, { method: 'PATCH', path: '', body });
  if (!answer) return;
  if (ttl) {
    session.expiresAt = String(answer.body['expires_at']);
    session.expiryUnsure = false;
  } else {
    session.labels = labels;
    session.labelsUnsure = false;
  }
  count(world, 'changes acknowledged');
};
