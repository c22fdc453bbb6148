import { epochMs } from '#ports/clock.ts';
import type { ExecChannel, ExecState } from '#ports/exec.ts';
import type { Deps } from '../kernel/deps.ts';
import type { ExecDoc, SessionDoc } from '../model/docs.ts';
import { startInSession } from './begin.ts';
import { withState } from '../model/exec-state.ts';
import { recordState, recordStateSoon } from './record.ts';

/** How long a replay may start a recorded exec that the keeper or agent does not know. */
const LOST_AFTER_MS = 60_000;

const lost = (deps: Deps, doc: ExecDoc): ExecState => ({
  exec_id: doc.exec_id,
  status: 'lost',
  exit_code: null,
  signal: null,
  signal_number: null,
  timed_out: false,
  next_offset: doc.next_offset,
  first_offset: doc.next_offset,
  missing_from: doc.missing_from,
  end_offset: null,
  stdin_offset: doc.stdin_offset,
  started_at: epochMs(doc.started_at),
  ended_at: deps.clock.now(),
});

/**
 * What an exec is now, by the keeper or agent, which alone knows. One that was recorded and never reached it is
 * started while it is young (`replay`), and lost after a minute.
 */
export const refreshed = async (
  deps: Deps,
  session: SessionDoc,
  doc: ExecDoc,
  channel: ExecChannel,
  replay: boolean,
): Promise<ExecDoc> => {
  if (doc.status !== 'running') return doc;
  const state = await channel.get(doc.exec_id);
  if (state) {
    recordStateSoon(deps, session.id, doc, state);
    return withState(doc, state);
  }
  const young = deps.clock.now() - epochMs(doc.started_at) < LOST_AFTER_MS;
  if (young) return replay ? withState(doc, await startInSession(deps, session, doc, channel)) : doc;
  return recordState(deps, session.id, doc, lost(deps, doc));
};
