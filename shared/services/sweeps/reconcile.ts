import { isTerminal } from '#domain/lifecycle.ts';
import type { Deps } from '../kernel/deps.ts';
import { everyDoc } from '../kernel/pages.ts';
import { sessions } from '../model/collections.ts';
import { lookAtSession } from '../lifecycle/look.ts';
import { removeUnknownStorage } from './orphan-storage.ts';

/** One that can't be helped now keeps none of the others waiting. */
const unlessItFails = async (deps: Deps, session_id: string, step: () => Promise<unknown>): Promise<void> => {
  try {
    await step();
  } catch (error) {
    deps.log.warn({ session_id, err: error }, 'a session could not be reconciled; the next round tries again');
  }
};

/**
 * Compares what the providers have with what is on record. A resource without a session that lives is an orphan and
 * goes, and so does empty storage on no record; a running session without its resource is looked at, and ends. The list is read before the records: what is
 * created in between has a record already.
 */
export const reconcile = async (deps: Deps): Promise<{ orphans: number; missing: number }> => {
  let orphans = 0;
  let missing = 0;
  for (const compute of deps.computes.all) {
    const owned = await compute.list();
    const docs = await deps.store.getMany(
      sessions,
      owned.map(({ session_id }) => session_id),
    );
    for (const [i, { key, session_id }] of owned.entries()) {
      const session = docs[i]?.data;
      if (session && !isTerminal(session.status) && session.key === key) continue;
      deps.log.warn({ key, session_id }, 'a resource without a session is removed');
      orphans += 1;
      await unlessItFails(deps, session_id, () => compute.remove(key, { grace_ms: 0 }));
    }
    const there = new Set(owned.map(({ key }) => key));
    const running = everyDoc(deps.store, sessions, {
      where: { status: 'running' },
      order: { field: 'id', direction: 'asc' },
    });
    for await (const session of running) {
      if (session.driver !== compute.driver || there.has(session.key)) continue;
      missing += 1;
      await unlessItFails(deps, session.id, () => lookAtSession(deps, session.id));
    }
  }
  await removeUnknownStorage(deps);
  return { orphans, missing };
};
