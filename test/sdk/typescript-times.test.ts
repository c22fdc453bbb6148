import { afterAll, beforeAll, expect, it } from 'vitest';
import { OnMemOSClient, type OutputChunk, type ProcessOptions, type Session } from '../../sdk/typescript/src/index.ts';
import { type RunningServer, startServer, stopServer } from '../acceptance/support/server.ts';

let server: RunningServer;
let client: OnMemOSClient;
let session: Session;

beforeAll(async () => {
  server = await startServer();
  client = new OnMemOSClient({ baseUrl: server.url, apiKey: server.key });
  session = await client.session({ user: 'reader', ttl_minutes: 30 });
});
afterAll(() => stopServer(server));

const PRINT = 'echo one; sleep 0.2; echo two >&2; sleep 0.2; echo three';
const TEXT = 'one\ntwo\nthree\n';
const textOf = async (pieces: AsyncIterable<Uint8Array | { readonly data: Uint8Array }>): Promise<string> => {
  let text = '';
  for await (const piece of pieces) text += Buffer.from('data' in piece ? piece.data : piece).toString();
  return text;
};
const chunksOf = async (output: AsyncIterable<OutputChunk>): Promise<OutputChunk[]> => {
  const chunks: OutputChunk[] = [];
  for await (const chunk of output) chunks.push(chunk);
  return chunks;
};
/** A command that has ended, and the times of its three lines. */
const lines = async () => {
  const process = await session.start(PRINT);
  const times = (await chunksOf(process)).map(({ time }) => String(time));
  expect(times).toHaveLength(3);
  return { exec_id: process.exec_id, times };
};

it('each chunk has its time, read by events or by a WebSocket', async () => {
  const { exec_id, times } = await lines();
  expect(times).toEqual([...new Set(times)].sort());
  for (const time of times) expect(new Date(time).toISOString()).toBe(time);
  const attached = await session.process(exec_id, { interactive: true });
  expect((await chunksOf(attached)).map(({ time }) => time)).toEqual(times);
});

it('output and log since an instant begin there, and nothing is said to be missing', async () => {
  const { exec_id, times } = await lines();
  const [, since = ''] = times;
  const types: string[] = [];
  let text = '';
  for await (const event of client.execs.output(session.id, exec_id, { since })) {
    types.push(event.type);
    if (event.type === 'chunk') text += Buffer.from(event.data).toString();
  }
  expect([text, types.includes('gap')]).toEqual([TEXT.slice(4), false]);
  expect(await textOf(client.execs.log(session.id, exec_id, { since }))).toBe(TEXT.slice(4));
  expect(await textOf(client.execs.log(session.id, exec_id, { since, from: 9 }))).toBe(TEXT.slice(9));
  expect(await client.execs.offsetAt(session.id, exec_id, since)).toBe(4);
  const later = new Date(Date.parse(times[2] ?? '') + 1).toISOString();
  expect(await client.execs.offsetAt(session.id, exec_id, later)).toBe(TEXT.length);
});

it.each([false, true])('a process is read since an instant, by a WebSocket: %s', async (interactive) => {
  const { exec_id, times } = await lines();
  const [one, two, three] = times;
  const read = async (options: ProcessOptions) => textOf(await session.process(exec_id, { ...options, interactive }));
  const found = await session.process(exec_id, { since: two, interactive });
  const unread = found.reattach();
  expect(await textOf(found)).toBe(TEXT.slice(4));
  expect(found.returncode).toBe(0);
  // It ends, and does not begin again.
  expect(await textOf(found)).toBe('');
  expect(await textOf(unread)).toBe(TEXT.slice(4));
  expect(await read({ since: two, from: 5 })).toBe(TEXT.slice(5));
  expect(await textOf(found.reattach(undefined, { since: three }))).toBe(TEXT.slice(8));
  expect(await textOf(found.reattach(0, { since: one }))).toBe(TEXT);
  expect(await textOf(found.reattach(9, { since: one }))).toBe(TEXT.slice(9));
  const later = new Date(Date.parse(three ?? '') + 1).toISOString();
  const nothing = await session.process(exec_id, { since: later, interactive });
  expect([await textOf(nothing), await textOf(nothing)]).toEqual(['', '']);
  await expect(read({ since: 'yesterday' })).rejects.toMatchObject({ code: 'invalid' });
});

it('a reader since an instant does not take the place of the one that is waited for', async () => {
  const big = 'echo one; sleep 0.2; head -c 3000000 /dev/zero';
  const process = await session.start(big, { log_limit_mb: 1, hold: true });
  let bytes = 0;
  for await (const { data, time } of process) {
    if (bytes === 0) {
      for await (const first of process.reattach(undefined, { since: String(time) })) {
        expect(Buffer.from(first.data).toString()).toBe('one\n');
        break;
      }
    }
    bytes += data.length;
  }
  expect(bytes).toBe(3_000_004);
});

it('refuses an instant that can’t be used', async () => {
  const { exec_id } = await lines();
  const output = (since: string) => textOf(client.execs.log(session.id, exec_id, { since }));
  await expect(output('yesterday')).rejects.toMatchObject({ code: 'invalid' });
  await expect(output('9999-01-01T00:00:00Z')).rejects.toThrow(/since: is in the future/);
});

it('tells what was dropped where that may be of the instant or later, and else not', async () => {
  const process = await session.start('head -c 3000000 /dev/zero; sleep 0.2; echo end', { log_limit_mb: 1 });
  await process.wait();
  const seen = async (since?: string) => {
    const found: { readonly type: string; readonly time?: string | null }[] = [];
    for await (const event of client.execs.output(session.id, process.exec_id, { since })) found.push(event);
    return found;
  };
  const all = await seen();
  expect(all[0]).toMatchObject({ type: 'gap', from: 0 });
  expect((await seen('2020-01-01T00:00:00Z'))[0]).toEqual(all[0]);
  const last = all.at(-2)?.time ?? '';
  expect((await seen(last)).map(({ type }) => type)).toEqual(['chunk', 'exit']);
});
