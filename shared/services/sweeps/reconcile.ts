import { SessionId } from '#contract/entities/common.ts';
import { isTerminal } from '#domain/lifecycle.ts';
import type { Compute, Owned } from '#ports/compute.ts';
import type { Deps } from '../kernel/deps.ts';
import { runOf } from '../kernel/run.ts';
import { unlessItFails } from '../kernel/unless-it-fails.ts';
import { lookAtSession } from '../lifecycle/look.ts';
import { intentKey, intents, sessions } from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';
import { removeOrphanStorage } from './orphan-storage.ts';
import { type Listed, walkSample } from './sample.ts';
import { takeUp } from './take-up.ts';

const TRIED_AGAIN = 'a session could not be reconciled; the next round tries again';

/** The provider says that the session has ended, so callers that wait for its end need not wait for the next look. */
const noticeEnd = async (deps: Deps, session: SessionDoc): Promise<void> => {
  if (session.status === 'running') {
    await lookAtSession(deps, session.id);
    return;
  }
  const intent = await deps.store.get(intents, intentKey(session.id, session.generation));
  if (intent) await takeUp(deps, intent, runOf(deps).isOver);
};

/** What a session on no record, or one that has ended, leaves at its provider. */
const removeOrphan = async (deps: Deps, compute: Compute, { target, session_id, ended }: Owned): Promise<void> => {
  if (ended) {
    await compute.forget(target);
    return;
  }
  deps.log.warn({ key: target.key, session_id }, 'a resource without a session is removed');
  await compute.remove(target, { grace_ms: 0 });
};

/**
 * Compares what the providers have with what is on record. A resource without a session that lives is an orphan and
 * goes, also where its session id is none that a session can have; a session whose resource has ended is looked at, and ends. What vanished without a record is the meter's to
 * find. The list is read before the records: what is created in between has a record already.
 */
export const reconcile = async (deps: Deps): Promise<{ orphans: number; ended: number }> => {
  const counts = { orphans: 0, ended: 0 };
  const compare = async (compute: Compute, page: readonly Owned[]): Promise<void> => {
    // What a provider has as an id may be none that a session can have: a store refuses to look for it.
    const ids = page.map(({ session_id }) => session_id).filter((id) => SessionId.safeParse(id).success);
    const docs = await deps.store.getMany(sessions, ids);
    const found = new Map(ids.map((id, i) => [id, docs[i]?.data]));
    for (const each of page) {
      const session = found.get(each.session_id);
      const about = { session_id: each.session_id };
      if (session && !isTerminal(session.status) && session.key === each.target.key) {
        if (!each.ended) continue;
        counts.ended += 1;
        await unlessItFails(deps, about, TRIED_AGAIN, () => noticeEnd(deps, session));
      } else {
        if (!each.ended) counts.orphans += 1;
        await unlessItFails(deps, about, TRIED_AGAIN, () => removeOrphan(deps, compute, each));
      }
    }
  };
  const walk = async (compute: Compute): Promise<void> => {
    const of = ({ target: { key }, created_at, ended }: Owned): Listed => ({ key, created_at, always: ended });
    const job = `reconcile-${compute.driver}`;
    await walkSample(deps, job, await compute.list(), of, (page) => compare(compute, page));
  };
  for (const compute of deps.computes.all) {
    const { driver } = compute;
    await unlessItFails(deps, { driver }, 'a provider could not be reconciled; the next round tries again', () =>
      walk(compute),
    );
  }
  await removeOrphanStorage(deps);
  return counts;
};
