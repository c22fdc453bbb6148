import { Problem } from '#contract/errors.ts';
import { ENDS_LEFT } from '#platform/signals.ts';
import { ExecError, type ExecErrorCode } from '#ports/exec.ts';
import { writeAudit } from '../kernel/audit.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { transact } from '../kernel/draft.ts';
import { remember, replayed } from '../kernel/idempotency.ts';
import { execKey } from '../model/collections.ts';
import { liveExec } from './find.ts';
import { withState } from '../model/exec-state.ts';
import { recordStateSoon } from './record.ts';
import { execToWire } from './wire.ts';

/** What the keeper answers where nothing of an ended command is there. */
const NOTHING_LEFT: ReadonlySet<ExecErrorCode> = new Set(['ended', 'no_such_exec']);

/** Signals the command, once per idempotency key. One that has ended is answered as it is. */
export const signalExec = async (deps: Deps, call: Call, input: { id: string; exec_id: string; signal: string }) => {
  const { session, doc, channel } = await liveExec(deps, call, input.id, input.exec_id, 'editor');
  const sentBefore = await transact(deps.store, async (draft) => {
    if (await replayed(deps, draft, call)) return true;
    remember(deps, draft, call, 'exec', execKey(session.id, doc.exec_id));
    writeAudit(deps, draft, call, {
      workspace_owner: session.workspace_owner,
      workspace_id: session.workspace_id,
      session_id: session.id,
      target: doc.exec_id,
      detail: { signal: input.signal },
    });
    return false;
  });
  if (doc.status !== 'running' && (doc.status === 'lost' || !ENDS_LEFT.has(input.signal))) return execToWire(doc);
  try {
    const state = sentBefore ? await channel.get(doc.exec_id) : await channel.signal(doc.exec_id, input.signal);
    if (!state) return execToWire(doc);
    if (doc.status !== 'running') return execToWire(doc);
    recordStateSoon(deps, session.id, doc, state);
    return execToWire(withState(doc, state));
  } catch (error) {
    // It had left nothing behind.
    if (doc.status !== 'running' && error instanceof ExecError && NOTHING_LEFT.has(error.code)) return execToWire(doc);
    if (error instanceof ExecError && error.code === 'no_such_exec') {
      throw new Problem(
        'conflict',
        `Exec ${doc.exec_id} is no longer known to the session. Start it again under a new exec_id.`,
        {
          extra: { exec_id: doc.exec_id },
        },
      );
    }
    throw error;
  }
};
