import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

/** `hono-server.ts JSON`: one route without anything of ours; prints where it listens. */
const json = JSON.parse(process.argv[2] ?? '{}') as Record<string, unknown>;
const app = new Hono().get('/v1/sessions/:id', (c) => c.json(json));
const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
