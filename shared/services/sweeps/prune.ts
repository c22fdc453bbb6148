import { iso } from '#ports/clock.ts';
import type { Collection } from '#ports/store.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { everyDoc } from '../kernel/pages.ts';
import { execKey, execs, idempotency, sessions, tickets, workspaces } from '../model/collections.ts';
import { enqueuePurge } from '../lifecycle/purge-workspace.ts';
import { purgeWorkspace } from '../lifecycle/purge-workspace.ts';

const DAY_MS = 86_400_000;
const PAGE = 500;

/** Removes what has lived out its time from a collection, page by page. */
const pruneBy = async (deps: Deps, collection: Collection<{ readonly purge_at: string | null }>): Promise<number> => {
  const range = { lte: iso(deps.clock.now()) };
  let removed = 0;
  for (;;) {
    const due = await deps.store.query(collection, {
      order: { field: 'purge_at', direction: 'asc' },
      range,
      limit: PAGE,
    });
    await Promise.all(due.docs.map(({ id }) => deps.store.delete(collection, id)));
    removed += due.docs.length;
    if (due.docs.length < PAGE) return removed;
  }
};

/** A session's record goes with its commands'. Its ledger and audit stay. */
const pruneSessions = async (deps: Deps): Promise<number> => {
  const range = { lte: iso(deps.clock.now()) };
  let removed = 0;
  for (;;) {
    const due = await deps.store.query(sessions, { order: { field: 'purge_at', direction: 'asc' }, range, limit: 100 });
    for (const { id } of due.docs) {
      for await (const exec of everyDoc(deps.store, execs, {
        where: { session_id: id },
        order: { field: 'started_at', direction: 'asc' },
      })) {
        await deps.store.delete(execs, execKey(id, exec.exec_id));
      }
      await deps.store.delete(sessions, id);
    }
    removed += due.docs.length;
    if (due.docs.length < 100) return removed;
  }
};

/** What ended over a day ago leaves the lists of old callers. */
const retireFromLists = async (deps: Deps): Promise<void> => {
  const range = { lte: iso(deps.clock.now() - DAY_MS) };
  for (;;) {
    const due = await deps.store.query(sessions, {
      where: { recent: true },
      order: { field: 'ended_at', direction: 'asc' },
      range,
      limit: 100,
    });
    for (const { id } of due.docs) {
      await transact(deps.store, async (draft) => {
        const session = await draft.get(sessions, id);
        if (session) draft.put(sessions, id, { ...session, recent: null });
      });
    }
    if (due.docs.length < 100) return;
  }
};

/** Deleted workspaces whose retention has ended and whose task did not come. */
const purgeDue = async (deps: Deps): Promise<number> => {
  let purged = 0;
  const range = { lte: iso(deps.clock.now()) };
  for await (const workspace of everyDoc(deps.store, workspaces, {
    order: { field: 'retained_until', direction: 'asc' },
    range,
  })) {
    await purgeWorkspace(deps, workspace).catch(async (error: unknown) => {
      deps.log.warn({ workspace: workspace.workspace_id, err: error }, 'a purge did not succeed; it is tried again');
      await enqueuePurge(deps, workspace);
    });
    purged += 1;
  }
  return purged;
};

/** Removes records that have lived out their time: idempotency, tickets, sessions, and the data of deleted workspaces. */
export const prune = async (deps: Deps): Promise<{ records: number; workspaces: number }> => {
  const small = (await pruneBy(deps, idempotency)) + (await pruneBy(deps, tickets));
  await retireFromLists(deps);
  return { records: small + (await pruneSessions(deps)), workspaces: await purgeDue(deps) };
};
