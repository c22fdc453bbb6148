import { atMost, type Figure, figure } from '../support/figure.ts';
import { bareNamespaces } from '../support/floors.ts';
import { keeperPid, sandboxesMb } from '../support/processes.ts';
import { createRunning, echo, end } from '../support/sessions.ts';
import { type Server, whenPoolIsFull, withServer } from '../support/server.ts';
import { median, percentile, timed } from '../support/stats.ts';

const WARM_UP = 5;
/** The package whose image brings Python. */
const PYTHON = 'dev_medium';

/** Create to first output, one after the other. The floor is taken between them, so that both meet the same machine. */
const samples = async (
  server: Server,
  count: number,
  { resource_package, pool = 0 }: { readonly resource_package?: string; readonly pool?: number } = {},
): Promise<{ product: number[]; floor: number[] }> => {
  const { client } = server;
  const product: number[] = [];
  const floor: number[] = [];
  for (let i = -WARM_UP; i < count; i++) {
    let id = '';
    if (pool > 0) await whenPoolIsFull(server, pool);
    const ms = await timed(async () => {
      id = await createRunning(client, resource_package);
      await echo(client, id);
    });
    await end(client, id);
    const bare = await timed(bareNamespaces);
    if (i < 0) continue;
    product.push(ms);
    floor.push(bare);
  }
  return { product, floor };
};

/** Create to the first output of a command, nothing ready before. */
export const tti = async (quick: boolean): Promise<Figure[]> => {
  const count = quick ? 15 : 60;
  const { plain, python } = await withServer({ pool: 0 }, async (server) => ({
    plain: await samples(server, count),
    python: await samples(server, Math.ceil(count / 4), { resource_package: PYTHON }),
  }));
  const { product, floor } = plain;
  const what = `create, wait, execute echo; ${count} times, no pool; floor: unshare + sh`;
  return [
    figure('tti.p50', what, median(product), 'ms', { goal: atMost(30), floor: median(floor) }),
    figure('tti.p99', what, percentile(product, 0.99), 'ms', { goal: atMost(120), floor: percentile(floor, 0.99) }),
    figure('tti.python', 'the same with a Python of its own, its template made before', median(python.product), 'ms', {
      floor: median(python.floor),
    }),
  ];
};

const POOL = 4;

/** The same with some sandboxes kept ready, and what those cost. */
export const ttiPool = async (quick: boolean): Promise<Figure[]> => {
  const count = quick ? 15 : 60;
  return withServer({ pool: POOL }, async (server) => {
    const { product, floor } = await samples(server, count, { pool: POOL });
    const cost = sandboxesMb(keeperPid(server.dataDir)) / POOL;
    const what = `the same with a pool of ${POOL}, full at each create`;
    return [
      figure('tti-pool.p50', what, median(product), 'ms', { goal: atMost(15), floor: median(floor) }),
      figure('tti-pool.p99', what, percentile(product, 0.99), 'ms', { floor: percentile(floor, 0.99) }),
      figure('tti-pool.cost', 'one ready sandbox: its processes, shared pages divided', cost, 'MB'),
    ];
  });
};
