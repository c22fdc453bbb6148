import type { ExecState } from '#ports/exec.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { execKey, execs } from '../model/collections.ts';
import type { ExecDoc } from '../model/docs.ts';
import { withState } from '../model/exec-state.ts';

/** Writes an end into the record, once: the first end stands. */
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

/** The same without waiting: the keeper still has the end, so a crash here loses nothing. */
export const recordStateSoon = (deps: Deps, sessionId: string, doc: ExecDoc, state: ExecState): void => {
  if (doc.status !== 'running' || state.status === 'running') return;
  recordState(deps, sessionId, doc, state).catch((error: unknown) => {
    deps.log.warn(
      { session_id: sessionId, exec_id: doc.exec_id, err: error },
      'the end of an exec was not recorded; the next look at it does',
    );
  });
};
