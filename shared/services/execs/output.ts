import { invalidField } from '#contract/errors.ts';
import type { ExecState, OutputEvent } from '#ports/exec.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lostExec } from './begin.ts';
import { liveExec } from './find.ts';
import { withState } from '../model/exec-state.ts';
import { recordStateSoon } from './record.ts';
import { refreshed } from './refresh.ts';
import { execToWire } from './wire.ts';

/**
 * A command's output from an offset on, replayed and then followed to its end.
 * Without `from` it begins at the oldest byte kept. @throws Problem invalid when `from` lies past the end
 */
export const openOutput = async (
  deps: Deps,
  call: Call,
  input: { id: string; exec_id: string; from?: number | undefined; hold?: string | undefined },
  signal?: AbortSignal,
) => {
  const { session, doc, channel } = await liveExec(deps, call, input.id, input.exec_id, 'viewer');
  const state = await channel.get(doc.exec_id);
  if (!state) {
    const now = await refreshed(deps, session, doc, channel, false);
    throw lostExec(now);
  }
  if (input.from !== undefined && input.from > state.next_offset) {
    throw invalidField('from', `is past the end of the output (${state.next_offset})`);
  }
  recordStateSoon(deps, session.id, doc, state);
  const from = input.from ?? state.first_offset;
  const events: AsyncIterable<OutputEvent> = channel.read(doc.exec_id, from, {
    ...(signal ? { signal } : {}),
    hold: input.hold,
  });
  const describe = (now: ExecState) => execToWire(withState(doc, now));
  return { from, exec: describe(state), describe, events };
};
