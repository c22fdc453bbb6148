import type { ExecState } from '#ports/exec.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { execKey, execs } from '../model/collections.ts';
import type { ExecDoc } from '../model/docs.ts';
import { withState } from '../model/exec-state.ts';

/** Writes an end into the record, once: a later end changes nothing. */
export const recordState = (deps: Deps, sessionId: string, doc: ExecDoc, state: ExecState): Promise<ExecDoc> => {
  const key = execKey(sessionId, doc.exec_id);
  return transact(deps.store, async (draft) => {
    const now = await draft.get(execs, key);
    if (now?.status !== 'running' || state.status === 'running') return now ?? doc;
    const next = withState(now, state);
    draft.put(execs, key, next);
    return next;
  });
};

/** The same without waiting: the keeper still has the end, and the next look at the exec records it. */
export const recordStateSoon = (deps: Deps, sessionId: string, doc: ExecDoc, state: ExecState): void => {
  if (doc.status !== 'running' || state.status === 'running') return;
  const record = async (): Promise<void> => {
    await recordState(deps, sessionId, doc, state);
  };
  deps.background.run('record the end of an exec', record, { session_id: sessionId, exec_id: doc.exec_id });
};
