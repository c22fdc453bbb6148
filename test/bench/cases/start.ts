import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Figure, figure } from '../support/figure.ts';
import { bareSpawn } from '../support/floors.ts';
import { startServer } from '../support/server.ts';
import { median, timed } from '../support/stats.ts';

/** From the start of the process to the first 200 of /health; the keeper and its first sandbox are in it. */
const started = async (dataDir: string): Promise<number> => {
  const begin = performance.now();
  const server = await startServer({ dataDir });
  await server.client.call('GET', '/health');
  const ms = performance.now() - begin;
  await server.stop({ keepData: true });
  return ms;
};

export const start = async (quick: boolean): Promise<Figure[]> => {
  const rounds = quick ? 2 : 7;
  const fresh: number[] = [];
  const again: number[] = [];
  const floor: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const dataDir = await mkdtemp(join(tmpdir(), 'onmemos-bench-'));
    try {
      fresh.push(await started(dataDir));
      again.push(await started(dataDir));
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
    floor.push(await timed(() => bareSpawn(process.execPath, ['-e', 'console.log(1)'])));
  }
  const what = 'process start to the first 200 of /health; floor: node -e';
  return [
    figure('start.fresh', `${what}; new data folder, median of ${rounds}`, median(fresh), 'ms', {
      floor: median(floor),
    }),
    figure('start.again', `${what}; data folder that was used before`, median(again), 'ms', { floor: median(floor) }),
  ];
};
