import { Client } from '../support/client.ts';
import { atMost, type Figure, figure } from '../support/figure.ts';
import { bareHono } from '../support/floors.ts';
import { createRunning } from '../support/sessions.ts';
import { withServer } from '../support/server.ts';
import { median, percentile, timed } from '../support/stats.ts';

/** Reading a session, over a route of the same framework that answers the same bytes and does nothing. */
export const read = (quick: boolean): Promise<Figure[]> =>
  withServer({}, async ({ client }) => {
    const count = quick ? 300 : 2000;
    const path = `/v1/sessions/${await createRunning(client)}`;
    const hono = await bareHono(await client.call('GET', path));
    const floorClient = new Client(hono.url, client.key);
    try {
      const product: number[] = [];
      const floor: number[] = [];
      for (let i = -100; i < count; i++) {
        const ms = await timed(() => client.call('GET', path));
        const bare = await timed(() => floorClient.call('GET', path));
        if (i < 0) continue;
        product.push(ms);
        floor.push(bare);
      }
      const [value, bare] = [median(product), median(floor)];
      const what = `GET of a session, ${count} times, one connection; floor: a bare Hono route`;
      return [
        figure('read.p50', what, value, 'ms', { floor: bare }),
        figure('read.over', 'the p50 less its floor', value - bare, 'ms', {
          goal: atMost(2),
          floor: bare,
          ratio: value / bare,
        }),
        figure('read.p99', what, percentile(product, 0.99), 'ms', { floor: percentile(floor, 0.99) }),
      ];
    } finally {
      floorClient.close();
      await hono.stop();
    }
  });
