import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { upgradeWebSocket } from '@hono/node-server';
import { Hono } from 'hono';
import { expect, it } from 'vitest';
import WebSocket from 'ws';
import { systemClock } from '#platform/clock.ts';
import type { ApiEnv } from './context.ts';
import { serveApi } from './serve.ts';
import { createSocketServer } from './websocket/server.ts';

const eventually = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await systemClock.sleep(5);
};

it('tells of every request and WebSocket from its beginning to its last byte', async () => {
  const app = new Hono<ApiEnv>();
  let last: ReadableStreamDefaultController<Uint8Array> | null = null;
  const stream = () =>
    new ReadableStream<Uint8Array>({
      start: (controller) => {
        last = controller;
        controller.enqueue(Buffer.from('first'));
      },
    });
  app.get('/short', (c) => c.text('there'));
  app.get('/long', () => new Response(stream()));
  app.get(
    '/socket',
    upgradeWebSocket(() => ({})),
  );
  app.get('/refused', (c) => c.text('not for you', 403));
  let began = 0;
  let ended = 0;
  const calls = { began: () => void began++, ended: () => void ended++ };
  const websocket = { server: createSocketServer(1024) };
  const serving = await serveApi({ app, websocket }, { host: '127.0.0.1', port: 0, clock: systemClock, calls });

  expect(await (await fetch(`${serving.url}/short`)).text()).toBe('there');
  await eventually(() => ended === 1);
  const whole = await fetch(`${serving.url}/long`);
  expect([began, ended]).toEqual([2, 1]);
  (last as ReadableStreamDefaultController<Uint8Array> | null)?.close();
  expect(await whole.text()).toBe('first');
  await eventually(() => ended === 2);

  const leaving = new AbortController();
  const cut = await fetch(`${serving.url}/long`, { signal: leaving.signal });
  expect([cut.status, began, ended]).toEqual([200, 3, 2]);
  leaving.abort();
  await eventually(() => ended === 3);

  const refused = new WebSocket(`${serving.url.replace('http', 'ws')}/refused`);
  const [, answer] = (await once(refused, 'unexpected-response')) as [unknown, IncomingMessage];
  expect(answer.statusCode).toBe(403);
  refused.on('error', () => undefined).terminate();
  await eventually(() => began === ended);
  [began, ended] = [3, 3];

  const socket = new WebSocket(`${serving.url.replace('http', 'ws')}/socket`);
  await once(socket, 'open');
  expect([began, ended]).toEqual([4, 3]);
  socket.close();
  await eventually(() => ended === 4);
  await serving.close();
  expect([began, ended]).toEqual([4, 4]);
});
