import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type WebSocket as Accepted, WebSocketServer } from 'ws';
import { ConnectionFailed, type OnMemOSError, SessionNotRunning, Unauthenticated } from '../errors.ts';
import { settingsFrom } from './settings.ts';
import { Transport } from './transport.ts';
import { type OpenSocket, openSocket } from './web-socket.ts';

let server: Server | null = null;
let sockets: WebSocketServer | null = null;

const close = (): void => {
  for (const socket of sockets?.clients ?? []) socket.terminate();
  server?.closeAllConnections();
  server?.close();
  [server, sockets] = [null, null];
};
afterEach(close);

/** A server with one session of this status, that takes WebSockets or refuses them. */
const serving = async (status: string, accept: ((socket: Accepted) => void) | null): Promise<Transport> => {
  close();
  const ticket = { ticket: 'once', subprotocol: 'onmemos.ticket.once', expires_at: '' };
  server = createServer((request, response) => {
    const answer = request.method === 'POST' ? ticket : { id: 'ses-1', status };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  });
  sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'onmemos.v1' });
  const wss = sockets;
  server.on('upgrade', (request, socket, head) => {
    if (accept) wss.handleUpgrade(request, socket, head, accept);
    else socket.end('HTTP/1.1 409 Conflict\r\ncontent-length: 0\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new Transport(settingsFrom({ baseUrl, apiKey: 'omk_id_secret' }));
};

const TARGET = { session_id: 'ses-1', path: '/v1/sessions/ses-1/shell' };
const silent = { message: () => undefined, closed: () => undefined };

/** Opens one and waits for what ends it. */
const ending = async (transport: Transport, after: (socket: OpenSocket) => void = () => undefined) => {
  const { promise, resolve } = Promise.withResolvers<OnMemOSError | null>();
  after(await openSocket(transport, TARGET, { message: () => undefined, closed: resolve }));
  return promise;
};

describe('openSocket', () => {
  it('offers its ticket as a subprotocol and passes messages on, text and bytes', async () => {
    let offered: string | undefined;
    const transport = await serving('running', (socket) => {
      socket.send('text');
      socket.send(Uint8Array.of(1, 2));
    });
    server?.prependListener('upgrade', ({ headers }) => {
      offered = headers['sec-websocket-protocol'];
    });
    const got: (string | Uint8Array)[] = [];
    const two = Promise.withResolvers<void>();
    const message = (data: string | Uint8Array): void => {
      if (got.push(data) === 2) two.resolve();
    };
    await openSocket(transport, TARGET, { message, closed: () => undefined });
    await two.promise;
    expect(got).toEqual(['text', Uint8Array.of(1, 2)]);
    expect(offered?.split(/, ?/)).toEqual(['onmemos.v1', 'onmemos.ticket.once']);
  });

  it('says why it was refused, where the session does not run', async () => {
    await expect(openSocket(await serving('terminated', null), TARGET, silent)).rejects.toBeInstanceOf(
      SessionNotRunning,
    );
    await expect(openSocket(await serving('running', null), TARGET, silent)).rejects.toBeInstanceOf(ConnectionFailed);
  });

  it('tells a normal end from a cut, and from a key that was taken away', async () => {
    expect(await ending(await serving('running', (socket) => socket.close(1000)))).toBeNull();
    expect(await ending(await serving('running', () => undefined), (socket) => socket.close())).toBeNull();
    expect(await ending(await serving('running', (socket) => socket.close(1011, 'broken')))).toBeInstanceOf(
      ConnectionFailed,
    );
    expect(await ending(await serving('running', (socket) => socket.terminate()))).toBeInstanceOf(ConnectionFailed);
    expect(await ending(await serving('running', (socket) => socket.close(4401)))).toBeInstanceOf(Unauthenticated);
  });

  it('is given up by its signal', async () => {
    const transport = await serving('running', null);
    server?.removeAllListeners('upgrade');
    server?.on('upgrade', () => stop.abort(new Error('enough')));
    const stop = new AbortController();
    await expect(openSocket(transport, TARGET, silent, { signal: stop.signal })).rejects.toThrow('enough');
  });
});
