import { type ExecChannel, ExecError, type OutputEvent } from '#ports/exec.ts';
import type { AnswerWatch } from './answer-watch.ts';
import { KeeperHangs } from './keeper-hangs.ts';

/** A caller is told by an error of the exec contract, whose message reaches it. */
export const execError = (error: unknown): unknown =>
  error instanceof KeeperHangs ? new ExecError('unavailable', error.message) : error;

/** The same channel, on which nobody waits for a keeper that hangs. */
export const watchedChannel = (channel: ExecChannel, watch: AnswerWatch): ExecChannel => {
  const within = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await watch.within(work);
    } catch (error) {
      throw execError(error);
    }
  };
  return {
    start: (exec) => within(() => channel.start(exec)),
    get: (exec_id) => within(() => channel.get(exec_id)),
    list: () => within(() => channel.list()),
    read: (exec_id, from, options) => watchedRead(channel.read(exec_id, from, options), within),
    offsetAt: (exec_id, time) => within(() => channel.offsetAt(exec_id, time)),
    wait: (exec_id, signal) => within(() => channel.wait(exec_id, signal)),
    stdin: (exec_id, offset, data, eof) => within(() => channel.stdin(exec_id, offset, data, eof)),
    signal: (exec_id, signal) => within(() => channel.signal(exec_id, signal)),
    resize: (exec_id, cols, rows) => within(() => channel.resize(exec_id, cols, rows)),
    deadline: (deadline) => within(() => channel.deadline(deadline)),
    usage: () => within(() => channel.usage()),
    close: () => channel.close(),
  };
};

async function* watchedRead(
  events: AsyncIterable<OutputEvent>,
  within: <T>(work: () => Promise<T>) => Promise<T>,
): AsyncGenerator<OutputEvent> {
  const iterator = events[Symbol.asyncIterator]();
  let waiting = false;
  try {
    for (;;) {
      waiting = true;
      const { done, value } = await within(() => iterator.next());
      waiting = false;
      if (done === true) return;
      yield value;
    }
  } finally {
    const returned = iterator.return?.();
    // A read that waits ends when the keeper goes on.
    if (waiting) returned?.catch(() => {});
    else await returned;
  }
}
