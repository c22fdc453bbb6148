import type { ExecChannel, ExecState } from '#ports/exec.ts';
import { LIST_PAGE_EXECS } from './bounds.ts';
import type { Header } from './frames.ts';
import {
  execId,
  instant,
  optional,
  optionalFlag,
  readDeadline,
  readExecStart,
  terminalSize,
  text,
  whole,
} from './wire.ts';

/** The answer to one operation of the exec contract, or null if `op` is not one of its operations. */
export const execOperation = (
  channel: ExecChannel,
  op: string,
  header: Header,
  data: readonly Buffer[],
  signal: AbortSignal,
): Promise<unknown> | null => {
  const run = OPERATIONS[op];
  return run ? run(channel, header, data, signal) : null;
};

type Operation = (
  channel: ExecChannel,
  header: Header,
  data: readonly Buffer[],
  signal: AbortSignal,
) => Promise<unknown>;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  start: async (channel, header) => channel.start(readExecStart(header)),
  get: async (channel, header) => channel.get(execId(header)),
  list: async (channel, header) => {
    const after = optional(header, 'after', text);
    return page(await channel.list(), after);
  },
  offset_at: async (channel, header) => ({ offset: await channel.offsetAt(execId(header), instant(header, 'time')) }),
  wait: async (channel, header, _data, signal) => channel.wait(execId(header), signal),
  stdin: async (channel, header, data) => {
    const bytes = data.length === 1 && data[0] ? data[0] : Buffer.concat(data);
    const offset = await channel.stdin(execId(header), whole(header, 'offset'), bytes, optionalFlag(header, 'eof'));
    return { offset };
  },
  signal: async (channel, header) => channel.signal(execId(header), text(header, 'signal')),
  resize: async (channel, header) => {
    const { cols, rows } = terminalSize(header);
    return channel.resize(execId(header), cols, rows);
  },
  deadline: async (channel, header) => channel.deadline(readDeadline(header)),
  usage: async (channel) => channel.usage(),
};

export const EXEC_OPERATIONS: readonly string[] = Object.keys(OPERATIONS);

/**
 * If the exec after which a page begins no longer exists, the list starts from the beginning, so that no exec is
 * missed.
 */
const page = (
  execs: readonly ExecState[],
  after: string | undefined,
): { execs: readonly ExecState[]; more: boolean } => {
  const start = after === undefined ? 0 : execs.findIndex((exec) => exec.exec_id === after) + 1;
  return { execs: execs.slice(start, start + LIST_PAGE_EXECS), more: start + LIST_PAGE_EXECS < execs.length };
};
