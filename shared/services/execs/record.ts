import type { ExecState } from '#ports/exec.ts';
import { VersionMismatch } from '#ports/store.ts';
import type { Deps } from '../kernel/deps.ts';
import { execKey, execs } from '../model/collections.ts';
import type { ExecDoc } from '../model/docs.ts';
import { withState } from '../model/exec-state.ts';

/** Others that change a record do so a few times in its life. */
const TRIES = 5;

/**
 * Writes an end into the record, once: a later end changes nothing. Guarded by the version that was read and not by a
 * transaction: that costs no more, and a repeat of it does no harm, so that a lost answer need not be cleared up.
 */
export const recordState = async (
  deps: Pick<Deps, 'store'>,
  sessionId: string,
  doc: ExecDoc,
  state: ExecState,
): Promise<ExecDoc> => {
  const key = execKey(sessionId, doc.exec_id);
  for (let tries = 1; ; tries++) {
    const found = await deps.store.get(execs, key);
    if (found?.data.status !== 'running' || state.status === 'running') return found?.data ?? doc;
    const next = withState(found.data, state);
    try {
      await deps.store.put(execs, key, next, found.version);
      return next;
    } catch (error) {
      if (!(error instanceof VersionMismatch) || tries === TRIES) throw error;
    }
  }
};

/** The same without waiting: the keeper still has the end, and the next look at the exec records it. */
export const recordStateSoon = (deps: Deps, sessionId: string, doc: ExecDoc, state: ExecState): void => {
  if (doc.status !== 'running' || state.status === 'running') return;
  const record = async (): Promise<void> => {
    await recordState(deps, sessionId, doc, state);
  };
  deps.background.run('record the end of an exec', record, { session_id: sessionId, exec_id: doc.exec_id });
};
