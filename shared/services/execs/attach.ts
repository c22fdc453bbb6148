import type { ExecChannel } from '#ports/exec.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lostExec } from './begin.ts';
import { liveExec } from './find.ts';
import { refreshed } from './refresh.ts';
import { execToWire, exitCodeOf } from './wire.ts';

/** Both ways to a command: its output, stdin, signals and window size over one connection. */
export const openAttach = async (deps: Deps, call: Call, input: { id: string; exec_id: string }) => {
  const { session, doc, channel } = await liveExec(deps, call, input.id, input.exec_id, 'editor');
  const now = await refreshed(deps, session, doc, channel, true);
  if (now.status === 'lost') throw lostExec(now);
  return { channel: withSeenEnds(channel), exec: execToWire(now) };
};

/** The channel with the ends of its commands as callers see them everywhere. */
const withSeenEnds = (channel: ExecChannel): ExecChannel => ({
  start: (exec) => channel.start(exec),
  get: (exec_id) => channel.get(exec_id),
  list: () => channel.list(),
  offsetAt: (exec_id, time) => channel.offsetAt(exec_id, time),
  wait: (exec_id, signal) => channel.wait(exec_id, signal),
  stdin: (exec_id, offset, data, eof) => channel.stdin(exec_id, offset, data, eof),
  signal: (exec_id, signal) => channel.signal(exec_id, signal),
  resize: (exec_id, cols, rows) => channel.resize(exec_id, cols, rows),
  deadline: (deadline) => channel.deadline(deadline),
  usage: () => channel.usage(),
  close: () => channel.close(),
  read: async function* (exec_id, from, options) {
    for await (const event of channel.read(exec_id, from, options))
      yield event.type === 'exit' ? { ...event, exec: { ...event.exec, exit_code: exitCodeOf(event.exec) } } : event;
  },
});
