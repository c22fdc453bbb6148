import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lostExec } from './begin.ts';
import { liveExec } from './find.ts';
import { refreshed } from './refresh.ts';
import { execToWire } from './wire.ts';

/** Both ways to a command: its output, stdin, signals and window size over one connection. */
export const openAttach = async (deps: Deps, call: Call, input: { id: string; exec_id: string }) => {
  const { session, doc, channel } = await liveExec(deps, call, input.id, input.exec_id, 'editor');
  const now = await refreshed(deps, session, doc, channel, true);
  if (now.status === 'lost') throw lostExec(now);
  return { channel, exec: execToWire(now) };
};
