import { invalidField } from '#contract/errors.ts';
import { epochMs, iso } from '#ports/clock.ts';
import type { ExecChannel, ExecState, OutputEvent } from '#ports/exec.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lostExec } from './begin.ts';
import { liveExec } from './find.ts';
import { withState } from '../model/exec-state.ts';
import { recordStateSoon } from './record.ts';
import { refreshed } from './refresh.ts';
import { execToWire } from './wire.ts';

/** The clocks of a caller and of this server differ: an instant as little ahead as this is no mistake. */
const CLOCKS_DIFFER_MS = 60_000;

/**
 * The end of the output that was read before an instant. With a later `from` that counts; with none, output that was
 * dropped is not asked for. @throws Problem invalid
 */
const beginSince = async (deps: Deps, channel: ExecChannel, exec_id: string, since: string): Promise<number> => {
  const time = epochMs(since);
  const now = deps.clock.now();
  if (time > now + CLOCKS_DIFFER_MS) throw invalidField('since', `is in the future; it is ${iso(now)} now`);
  const offset = await channel.offsetAt(exec_id, Math.max(0, time));
  if (offset === null) {
    throw invalidField(
      'since',
      'can’t be used: the keeper of this session is of an earlier version, which keeps no times of output. Leave it out.',
    );
  }
  return offset;
};

/**
 * A command's output from an offset on, replayed and then followed to its end.
 * Without `from` it begins at the oldest byte kept; with `since`, behind what was read before.
 * @throws Problem invalid when `from` lies past the end, or `since` can't be used
 */
export const openOutput = async (
  deps: Deps,
  call: Call,
  input: {
    id: string;
    exec_id: string;
    from?: number | undefined;
    hold?: string | undefined;
    since?: string | undefined;
  },
  signal?: AbortSignal,
) => {
  if (input.since !== undefined && input.hold !== undefined) {
    throw invalidField('since', 'can’t be used with hold: a reader that a command waits for reads all of its output');
  }
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
  const begin = input.since === undefined ? 0 : await beginSince(deps, channel, doc.exec_id, input.since);
  const from = Math.max(input.from ?? state.first_offset, begin);
  const events: AsyncIterable<OutputEvent> = channel.read(doc.exec_id, from, {
    ...(signal ? { signal } : {}),
    hold: input.hold,
  });
  const describe = (now: ExecState) => execToWire(withState(doc, now));
  return { from, exec: describe(state), describe, events };
};
