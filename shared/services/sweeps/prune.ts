import { iso } from '#ports/clock.ts';
import { type Collection, type Doc, VersionMismatch } from '#ports/store.ts';
import type { Deps } from '../kernel/deps.ts';
import { systemCall } from '../kernel/call.ts';
import { transact } from '../kernel/draft.ts';
import { everyDoc } from '../kernel/pages.ts';
import { runOf } from '../kernel/run.ts';
import { unlessItFails } from '../kernel/unless-it-fails.ts';
import { endSessionsOf } from '../lifecycle/end-workspace.ts';
import { enqueuePurge, purgeWorkspace } from '../lifecycle/purge-workspace.ts';
import { commits, execKey, execs, idempotency, sessions, tickets, workspaces } from '../model/collections.ts';
import type { WorkspaceDoc } from '../model/docs.ts';
import { sweepDue } from './pages.ts';

const DAY_MS = 86_400_000;
const PAGE = 200;
/** Sessions in one transaction. */
const BATCH = 50;

/** Deletes a document, unless it was written again since it was found. */
const deleteAsSeen = async (
  deps: Deps,
  collection: Collection<unknown>,
  { id, version }: Doc<unknown>,
): Promise<void> => {
  try {
    await deps.store.delete(collection, id, version);
  } catch (error) {
    if (!(error instanceof VersionMismatch)) throw error;
  }
};

/** Removes what has lived out its time from a collection. */
const pruneBy = (deps: Deps, collection: Collection<{ readonly purge_at: string | null }>): Promise<number> => {
  const until = iso(deps.clock.now());
  return sweepDue(
    deps,
    { job: `prune-${collection.name}`, collection, field: 'purge_at', until, page: PAGE },
    async (docs) => {
      await Promise.all(docs.map((doc) => deleteAsSeen(deps, collection, doc)));
    },
  );
};

/** A session's record goes with its commands'. Its ledger and audit stay. */
const removeSession = async (deps: Deps, id: string): Promise<void> => {
  const commands = everyDoc(deps.store, execs, {
    where: { session_id: id },
    order: { field: 'started_at', direction: 'asc' },
  });
  for await (const exec of commands) await deps.store.delete(execs, execKey(id, exec.exec_id));
  await deps.store.delete(sessions, id);
};

const pruneSessions = (deps: Deps): Promise<number> => {
  const until = iso(deps.clock.now());
  const due = { job: 'prune-sessions', collection: sessions, field: 'purge_at', until, page: PAGE } as const;
  return sweepDue(deps, due, async (docs) => {
    for (const { id } of docs) {
      await unlessItFails(
        deps,
        { session_id: id },
        'an old session’s record was not removed; the next run tries again',
        () => removeSession(deps, id),
      );
    }
  });
};

/** What ended over a day ago leaves the lists of old callers. */
const retireFromLists = (deps: Deps): Promise<number> => {
  const due = {
    job: 'retire-sessions',
    collection: sessions,
    where: { recent: true },
    field: 'ended_at',
    until: iso(deps.clock.now() - DAY_MS),
    page: BATCH,
  } as const;
  return sweepDue(deps, due, (docs) =>
    transact(deps.store, async (draft) => {
      await draft.prefetch(docs.map(({ id }) => [sessions, id] as const));
      for (const { id } of docs) {
        const session = await draft.get(sessions, id);
        if (session) draft.put(sessions, id, { ...session, recent: null });
      }
    }),
  );
};

const purge = async (deps: Deps, workspace: WorkspaceDoc): Promise<void> => {
  try {
    await purgeWorkspace(deps, workspace);
  } catch (error) {
    deps.log.warn({ workspace: workspace.workspace_id, err: error }, 'a purge did not succeed; it is tried again');
    await enqueuePurge(deps, workspace);
  }
};

/** Deleted workspaces whose retention has ended and whose task did not come. */
const purgeDue = (deps: Deps): Promise<number> => {
  const until = iso(deps.clock.now());
  const due = { job: 'purge-workspaces', collection: workspaces, field: 'retained_until', until, page: PAGE } as const;
  return sweepDue(deps, due, async (docs) => {
    for (const { data } of docs) await purge(deps, data);
  });
};

/** Workspaces whose deletion was cut short between the record and the end of their sessions. */
const endDeleted = async (deps: Deps): Promise<void> => {
  const run = runOf(deps);
  const deleting = everyDoc(deps.store, workspaces, { where: { status: 'deleting' } });
  for await (const workspace of deleting) {
    if (!workspace.purge_now) continue;
    if (run.isOver()) return;
    const about = { workspace: workspace.workspace_id };
    await unlessItFails(deps, about, 'a deleted workspace’s sessions were not ended; the next run tries again', () =>
      endSessionsOf(deps, systemCall('prune'), workspace),
    );
  }
};

/** Removes records that have lived out their time: idempotency, tickets, commits, sessions, and the data of deleted workspaces. */
export const prune = async (deps: Deps): Promise<{ records: number; workspaces: number }> => {
  let small = 0;
  for (const collection of [idempotency, tickets, commits]) small += await pruneBy(deps, collection);
  await retireFromLists(deps);
  await endDeleted(deps);
  return { records: small + (await pruneSessions(deps)), workspaces: await purgeDue(deps) };
};
