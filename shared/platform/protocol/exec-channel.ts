import type { Duplex } from 'node:stream';
import { ExecError, type ExecChannel, type ExecState } from '#ports/exec.ts';
import { type ConnectOptions, connectFrames, type FrameClient, hasMore } from './client.ts';
import { MAX_CHUNK_BYTES } from './bounds.ts';
import { CallError } from './call-error.ts';
import { optional, readExecState, readUsage, record, whole } from './wire.ts';

/** The exec contract over any byte stream. @throws ExecError, CallError if the peer refuses the hello */
export const connectExec = async (stream: Duplex, options: ConnectOptions = {}): Promise<ExecChannel> =>
  execChannel(await connectFrames(stream, options));

/** The exec contract over an open connection. `close` closes the connection. */
export const execChannel = (client: FrameClient): ExecChannel => ({
  start: async (exec) => readExecState(await client.call('start', { ...exec })),
  get: async (exec_id) => {
    const exec = await client.call('get', { exec_id });
    return exec === null ? null : readExecState(exec);
  },
  list: () => listAll(client),
  read: (exec_id, from, options) => client.read(exec_id, from, options),
  offsetAt: (exec_id, time) => offsetAt(client, exec_id, time),
  wait: async (exec_id, signal) => readExecState(await client.call('wait', { exec_id }, signal ? { signal } : {})),
  stdin: (exec_id, offset, data, eof) => writeStdin(client, exec_id, offset, data, eof),
  signal: async (exec_id, signal) => readExecState(await client.call('signal', { exec_id, signal })),
  resize: async (exec_id, cols, rows) => void (await client.call('resize', { exec_id, cols, rows })),
  deadline: async ({ at, generation }) => void (await client.call('deadline', { at, generation })),
  usage: async () => readUsage(await client.call('usage', {})),
  close: () => client.close(),
});

/** An earlier keeper or agent, which has no such operation, keeps no times. */
const offsetAt = async (client: FrameClient, exec_id: string, time: number): Promise<number | null> => {
  try {
    return (
      optional(record({ result: await client.call('offset_at', { exec_id, time }) }, 'result'), 'offset', whole) ?? null
    );
  } catch (error) {
    if (error instanceof CallError && error.code === 'no_such_op') return null;
    throw error;
  }
};

/** Most pages of a list, so that a peer that always announces more can't fill the memory. */
const MAX_PAGES = 1000;

const listAll = async (client: FrameClient): Promise<ExecState[]> => {
  const all: ExecState[] = [];
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const last = all.at(-1);
    const page = record({ page: await client.call('list', last ? { after: last.exec_id } : {}) }, 'page');
    if (!Array.isArray(page.execs)) throw new ExecError('invalid', 'execs must be a list');
    all.push(...page.execs.map(readExecState));
    if (!hasMore(page) || page.execs.length === 0) return all;
  }
  throw new ExecError('invalid', 'the list of execs has no end');
};

/**
 * Sends bytes in pieces that fit into a frame. Each piece waits for the answer to the one before, so that the order is
 * kept.
 */
const writeStdin = async (
  client: FrameClient,
  exec_id: string,
  offset: number,
  data: Uint8Array,
  eof: boolean,
): Promise<number> => {
  let next = offset;
  let sent = 0;
  do {
    const piece = data.subarray(sent, sent + MAX_CHUNK_BYTES);
    const last = sent + piece.byteLength === data.byteLength;
    const result = record(
      { result: await client.call('stdin', { exec_id, offset: offset + sent, eof: eof && last }, { data: piece }) },
      'result',
    );
    next = whole(result, 'offset');
    sent += piece.byteLength;
  } while (sent < data.byteLength);
  return next;
};
