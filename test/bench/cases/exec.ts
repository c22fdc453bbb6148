import { atMost, type Figure, figure } from '../support/figure.ts';
import { bareShell } from '../support/floors.ts';
import { createRunning, echo } from '../support/sessions.ts';
import { withServer } from '../support/server.ts';
import { median, percentile, timed } from '../support/stats.ts';

const WARM_UP = 10;

/** A command in a session that runs already, over the same command spawned by Node. */
export const exec = (quick: boolean): Promise<Figure[]> =>
  withServer({}, async ({ client }) => {
    const count = quick ? 50 : 300;
    const id = await createRunning(client);
    const product: number[] = [];
    const floor: number[] = [];
    for (let i = -WARM_UP; i < count; i++) {
      const ms = await timed(() => echo(client, id));
      const bare = await timed(bareShell);
      if (i < 0) continue;
      product.push(ms);
      floor.push(bare);
    }
    const [value, bare] = [median(product), median(floor)];
    const what = `execute echo, ${count} times, one after the other; floor: spawn of sh`;
    return [
      figure('exec.p50', what, value, 'ms', { floor: bare }),
      figure('exec.over', 'the p50 less its floor', value - bare, 'ms', {
        goal: atMost(10),
        floor: bare,
        ratio: value / bare,
      }),
      figure('exec.p99', what, percentile(product, 0.99), 'ms', { floor: percentile(floor, 0.99) }),
    ];
  });
