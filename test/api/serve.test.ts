import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Serving, serveApi } from '../../functions/api/serve.ts';
import { eventually, serveLive } from './support/live.ts';
import { type ManualClock, manualClock } from './support/manual-clock.ts';
import { mustOpen } from './support/socket.ts';
import { apiOver, openWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

const serveAt = (clock: ManualClock): Promise<Serving> =>
  serveApi(apiOver(world.platform), { host: '127.0.0.1', port: 0, clock });

it('says that a port is taken', async () => {
  const first = await serveLive(apiOver(world.platform));
  const second = serveApi(apiOver(world.platform), { host: '127.0.0.1', port: first.port, clock: manualClock() });
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await first.close();
});

it('closes at once where nothing is under way, and takes no more', async () => {
  const server = await serveAt(manualClock());
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
  await server.close();
  await expect(fetch(`${server.url}/health`)).rejects.toThrow();
});

it('closes WebSockets as going away, and breaks off streams that outlast the grace', async () => {
  const clock = manualClock();
  const server = await serveAt(clock);
  const { exec_id } = (await world.call(`/v1/sessions/${world.session}/execs`, { body: { command: 'sleep 60' } }))
    .json as {
    exec_id: string;
  };
  const headers = { 'X-API-Key': world.keys.alice };
  const stream = await fetch(`${server.url}/v1/sessions/${world.session}/execs/${exec_id}/output`, { headers });
  const socket = await mustOpen(`${server.url}/v1/sessions/${world.session}/shell`, { key: world.keys.alice });
  let closed = false;
  const closing = server.close().then(() => {
    closed = true;
  });
  expect(await socket.closed).toBe(1001);
  expect(closed).toBe(false);
  clock.advance(5_000);
  await expect(stream.text()).rejects.toThrow();
  await closing;
  await eventually('nothing listens', () =>
    fetch(server.url).then(
      () => false,
      () => true,
    ),
  );
});
