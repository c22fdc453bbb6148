import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { OnMemOSClient, OutputGap } from '../index.ts';

const EXEC = { exec_id: 'exe-1', session_id: 'ses-1', status: 'running', exit_code: null, signal: null, tty: false };
const event = (id: string, kind: string, data: object): string =>
  `id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
const OUTPUT =
  event('90', 'gap', { from: 0, to: 90 }) +
  event('92', 'chunk', { seq: 90, stream: 'stdout', data: 'ok', encoding: 'utf8' }) +
  event('92.exit', 'exit', { ...EXEC, status: 'exited', exit_code: 0, next_offset: 92 });

/** A server whose one command has output of which the beginning was dropped. */
const server = createServer((request, response) => {
  const output = request.url?.includes('/output') === true;
  response.setHeader('content-type', output ? 'text/event-stream' : 'application/json');
  response.end(output ? OUTPUT : JSON.stringify(request.url?.endsWith('/execs') ? EXEC : { id: 'ses-1' }));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

it('tells of what was dropped: in its result, and to whoever takes the output as it comes by an error', async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const session = await new OnMemOSClient({ baseUrl, apiKey: 'omk_a_b' }).sessions.get('ses-1');
  expect(await session.run('cat log')).toMatchObject({ stdout: 'ok', returncode: 0, truncated: true });
  const pieces: Uint8Array[] = [];
  const failed = await session.run('cat log', { onStdout: (data) => pieces.push(data) }).catch((error) => error);
  expect(failed).toBeInstanceOf(OutputGap);
  expect(failed).toMatchObject({ from: 0, to: 90 });
  expect(pieces).toEqual([]);
});
