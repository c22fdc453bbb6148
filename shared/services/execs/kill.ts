import { ExecError } from '#ports/exec.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { writeAudit } from '../kernel/audit.ts';
import { transact } from '../kernel/draft.ts';
import { execNow, runningSessionOf } from './find.ts';
import { withState } from '../model/exec-state.ts';
import { recordState } from './record.ts';
import { channelTo } from './running.ts';
import { execToWire } from './wire.ts';

const SETTLE_MS = 2_000;

/**
 * Kills everything that a command has started, and answers when it has ended. One that has ended already is answered as
 * it is, and what it left behind is killed.
 */
export const killExec = async (deps: Deps, call: Call, input: { id: string; exec_id: string }) => {
  await runningSessionOf(deps, call, input.id, input.exec_id, 'editor');
  const { session, doc } = await execNow(deps, call, input.id, input.exec_id);
  // The session of an exec that is lost never knew it.
  if (doc.status === 'lost') return execToWire(doc);
  await transact(deps.store, async (draft) =>
    writeAudit(deps, draft, call, {
      workspace_owner: session.workspace_owner,
      workspace_id: session.workspace_id,
      session_id: session.id,
      target: doc.exec_id,
    }),
  );
  const channel = await channelTo(deps, session);
  try {
    await channel.signal(doc.exec_id, 'KILL');
  } catch (error) {
    // Nothing of it is left, as requested: it has just ended, or never ran.
    if (!(error instanceof ExecError)) throw error;
    const unknown = error.code === 'no_such_exec' && doc.status !== 'running';
    if (error.code !== 'ended' && !unknown) throw error;
  }
  if (doc.status !== 'running') return execToWire(doc);
  const enough = new AbortController();
  const timer = deps.clock.timer(SETTLE_MS, () => enough.abort());
  const state = await channel.wait(doc.exec_id, enough.signal).catch(() => channel.get(doc.exec_id));
  timer.cancel();
  if (!state) return execToWire(doc);
  return execToWire(
    state.status === 'running' ? withState(doc, state) : await recordState(deps, session.id, doc, state),
  );
};
