import { iso } from '#ports/clock.ts';
import type { ExecState } from '#ports/exec.ts';
import { batchesOf, inHalves } from '../kernel/batches.ts';
import type { Deps } from '../kernel/deps.ts';
import { unlessItFails } from '../kernel/unless-it-fails.ts';
import { transact } from '../kernel/draft.ts';
import { everyDoc } from '../kernel/pages.ts';
import { execKey, execs, workspaces } from '../model/collections.ts';
import type { ExecDoc, SessionDoc } from '../model/docs.ts';
import { targetOf } from '../model/places.ts';
import { withState } from '../model/exec-state.ts';
import type { StepResult } from './step.ts';
import { settleSession } from './settle.ts';
import { enqueuePurge } from './purge-workspace.ts';

/** Time between TERM and KILL, milliseconds. */
const GRACE_MS = 5_000;

/** What the keeper or agent knows of the commands before it ends; empty if it can no longer be reached. */
const lastStates = async (deps: Deps, session: SessionDoc): Promise<ReadonlyMap<string, ExecState> | null> => {
  if (session.started_at === null) return new Map();
  try {
    const channel = await deps.computes.byDriver(session.driver).exec(targetOf(session));
    return new Map((await channel.list()).map((state) => [state.exec_id, state]));
  } catch {
    return null;
  }
};

/** Commands in one transaction. */
const BATCH = 100;
/** How a command ended that still ran when its session did: by that, or as nobody saw. */
const KILLED = { status: 'killed', signal: 'KILL', signal_number: 9 } as const;
const LOST = { status: 'lost', signal: null, signal_number: null } as const;

/** Closes the records of commands: as they ended, killed with their session, or lost with their keeper. */
const closeExecs = async (
  deps: Deps,
  session: SessionDoc,
  states: ReadonlyMap<string, ExecState> | null,
): Promise<void> => {
  const open: ExecDoc[] = [];
  const running = everyDoc(deps.store, execs, {
    where: { session_id: session.id, status: 'running' },
    order: { field: 'started_at', direction: 'asc' },
  });
  for await (const doc of running) open.push(doc);
  const ended_at = iso(deps.clock.now());
  const close = (batch: readonly ExecDoc[]) =>
    transact(deps.store, async (draft) => {
      for (const { exec_id } of batch) {
        const doc = await draft.get(execs, execKey(session.id, exec_id));
        if (doc?.status !== 'running') continue;
        const state = states?.get(exec_id);
        const known = state ? withState(doc, state) : doc;
        const closed: ExecDoc = known.status === 'running' ? { ...known, ...(state ? KILLED : LOST), ended_at } : known;
        draft.put(execs, execKey(session.id, exec_id), closed);
      }
    });
  for (const batch of batchesOf(open, BATCH)) await inHalves(batch, close);
};

/** The ledger is final: its provider need not remember it. What fails here is repeated by reconcile. */
const forget = (deps: Deps, session: SessionDoc): Promise<void> =>
  unlessItFails(
    deps,
    { session_id: session.id },
    'the record of an ended session was not released; reconcile does',
    () => deps.computes.byDriver(session.driver).forget(targetOf(session)),
  );

/** Ends a session's resources, and records the end when they are seen gone. */
export const teardown = async (deps: Deps, session: SessionDoc): Promise<StepResult> => {
  const states = await lastStates(deps, session);
  const compute = deps.computes.byDriver(session.driver);
  const gone = await compute.remove(targetOf(session), { grace_ms: session.end?.force ? 0 : GRACE_MS });
  if (gone.state === 'running' || gone.state === 'starting') {
    return { done: false, again: gone.look_again_ms ?? 'soon', why: gone.message ?? 'its resources are still there' };
  }
  await closeExecs(deps, session, states);
  await settleSession(deps, session, gone);
  await forget(deps, session);
  const workspace = await deps.store.get(workspaces, session.workspace_key);
  if (workspace) await enqueuePurge(deps, workspace.data);
  return { done: true };
};
