import { once } from 'node:events';
import { WebSocket } from 'ws';
import { FrameDecoder } from '#platform/protocol/decode.ts';
import { encodeFrame } from '#platform/protocol/encode.ts';
import { FRAME } from '#platform/protocol/frames.ts';
import { NEWEST_VERSION } from '#platform/protocol/versions.ts';
import type { Client } from '../support/client.ts';
import { atLeast, type Figure, figure } from '../support/figure.ts';
import { barePipe } from '../support/floors.ts';
import { createRunning, end } from '../support/sessions.ts';
import { withServer } from '../support/server.ts';
import { median } from '../support/stats.ts';

const GIB = 1024 ** 3;

/** The bytes of the command that came through; what the way adds to them is not counted. */
type Way = (client: Client, at: string) => Promise<number>;

const raw: Way = async (client, at) => {
  const answer = await client.open('GET', `${at}/output`, undefined, { Accept: 'text/plain' });
  let bytes = 0;
  answer.on('data', (data: Buffer) => {
    bytes += data.byteLength;
  });
  await once(answer, 'end');
  return bytes;
};

/** Counts by the offset of the last event, and reads to the end of the stream. */
const events: Way = async (client, at) => {
  const answer = await client.open('GET', `${at}/output`, undefined, { Accept: 'text/event-stream' });
  let last: Buffer = Buffer.alloc(0);
  answer.on('data', (data: Buffer) => {
    last = data.byteLength >= 4096 ? data : Buffer.concat([last, data]).subarray(-4096);
  });
  await once(answer, 'end');
  return Number(/id: (\d+)\.exit\n/.exec(last.toString('latin1'))?.[1] ?? 0);
};

const attach: Way = async (client, at) => {
  const socket = new WebSocket(`${client.url.replace('http', 'ws')}${at}/attach?from=0`, {
    headers: { 'X-API-Key': client.key },
    perMessageDeflate: false,
  });
  const decoder = new FrameDecoder();
  let bytes = 0;
  let unacknowledged = 0;
  socket.on('message', (data: Buffer) => {
    for (const frame of decoder.push(data)) {
      if (frame.type !== FRAME.chunk) continue;
      bytes += frame.bytes;
      unacknowledged += frame.bytes + 64;
    }
    if (unacknowledged < 512 * 1024) return;
    socket.send(encodeFrame(FRAME.credit, { bytes: unacknowledged }));
    unacknowledged = 0;
  });
  await once(socket, 'open');
  socket.send(encodeFrame(FRAME.hello, { version: NEWEST_VERSION }));
  await once(socket, 'close');
  return bytes;
};

const WAYS = [
  { id: 'throughput.text', way: raw, least: 0.5, what: 'as text/plain' },
  { id: 'throughput.attach', way: attach, least: 0.5, what: 'by attach' },
  { id: 'throughput.sse', way: events, least: 0.15, what: 'as Server-Sent Events' },
] as const;

/** MB/s of a command's output from its start to its last byte at the client. */
const rate = async (client: Client, command: string, bytes: number, way: Way): Promise<number> => {
  // A session for each run: its log of a GiB goes with it.
  const id = await createRunning(client);
  const started = performance.now();
  const exec = await client.call('POST', `/v1/sessions/${id}/execs`, { command, log_limit_mb: 1024 });
  const got = await way(client, `/v1/sessions/${id}/execs/${exec['exec_id']}`);
  const seconds = (performance.now() - started) / 1000;
  await end(client, id);
  if (got !== bytes) throw new Error(`${got} bytes of ${bytes} came through`);
  return bytes / 1e6 / seconds;
};

/** A command that prints as fast as it can, read by the bench's process while the log goes to disk. */
export const throughput = (quick: boolean): Promise<Figure[]> =>
  withServer({}, async ({ client }) => {
    const bytes = quick ? GIB / 4 : GIB;
    const rounds = quick ? 1 : 3;
    const command = `head -c ${bytes} /dev/zero`;
    const figures: Figure[] = [];
    for (const { id, way, least, what } of WAYS) {
      const product: number[] = [];
      const floor: number[] = [];
      for (let round = 0; round < rounds; round++) {
        floor.push(await barePipe(command));
        product.push(await rate(client, command, bytes, way));
      }
      const [value, bare] = [median(product), median(floor)];
      figures.push(
        figure(`${id}.rate`, `${bytes / 1024 ** 2} MiB of zeros ${what}; floor: Node reads the pipe`, value, 'MB/s', {
          floor: bare,
        }),
        figure(id, 'the rate over its floor', value / bare, 'x', { goal: atLeast(least), floor: 1 }),
      );
    }
    return figures;
  });
