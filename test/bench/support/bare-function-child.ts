/**
 * The least that answers with a document of Firestore by Hono: the floor of a function’s start. It reads from the
 * emulator at `FIRESTORE_EMULATOR_HOST`, and loads the client as the functions do, when it is first needed.
 */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const { PORT: port, ONMEMOS_PROJECT: projectId, FIRESTORE_EMULATOR_HOST: host } = process.env;
if (port === undefined || projectId === undefined || host === undefined) {
  console.log('PORT, ONMEMOS_PROJECT and FIRESTORE_EMULATOR_HOST must be set');
  process.exit(1);
}
const { Firestore } = await import('@google-cloud/firestore');
const firestore = new Firestore({ projectId, host, ssl: false });
const app = new Hono().get('/ready', async (c) => {
  const { exists } = await firestore.doc('places/ready').get();
  return c.json({ ready: true, exists });
});
const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(port) }, () =>
  console.log(JSON.stringify({ message: 'serving' })),
);
process.once('SIGTERM', () => server.close(() => process.exit(0)));
