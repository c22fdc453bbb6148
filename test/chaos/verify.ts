import { tryOnce } from './call.ts';
import { ended, look } from './sessions.ts';
import { isEnded } from './tracked-session.ts';
import { count, violation, type World } from './world.ts';

/** Ended sessions and old facts that one round looks at; the last one looks at all. */
const SAMPLE = 15;
const AT_ONCE = 8;

const inParts = async <T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> => {
  for (let i = 0; i < items.length; i += AT_ONCE) await Promise.all(items.slice(i, i + AT_ONCE).map(act));
};

/** Looks at what was acknowledged: every session that lives, every fact, and of what is long over a sample or all. */
export const verifyAcknowledged = async (world: World, all: boolean): Promise<void> => {
  const sessions = [...world.sessions.values()];
  const live = sessions.filter(({ status }) => !isEnded(status));
  const over = sessions.filter(({ status }) => isEnded(status));
  const chosen = all ? over : world.random.chance(0.5) ? over.slice(-SAMPLE) : over.slice(0, SAMPLE);
  await inParts([...live, ...chosen], async (session) => void (await look(world, session)));
  const facts = [...world.facts.entries()];
  await inParts(all ? facts : facts.slice(-SAMPLE), async ([name, fact]) => {
    const { expect, unsure } = fact;
    const seen = await tryOnce(world, { method: 'GET', path: fact.path, ...(fact.key ? { key: fact.key } : {}) });
    if (!seen || unsure || fact.unsure || fact.expect !== expect) return;
    const wrong = expect(seen.status, seen.body);
    if (wrong) violation(world, `${name} ${wrong}`);
  });
  count(world, 'looks at what was acknowledged', live.length + chosen.length);
};

/** Sees the sessions of killed keepers to their end. */
export const awaitFailures = (world: World): Promise<unknown> =>
  Promise.all(
    [...world.sessions.values()]
      .filter((session) => session.mustFail && !isEnded(session.status))
      .map((session) => ended(world, session)),
  );
