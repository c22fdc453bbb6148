import { atLeast, type Figure, figure } from '../support/figure.ts';
import { bareNamespaces } from '../support/floors.ts';
import { createAccepted, createRunning, echo, end } from '../support/sessions.ts';
import { type Server, whenPoolIsFull, withServer } from '../support/server.ts';
import { timed } from '../support/stats.ts';

const POOL = 64;

const all = <R>(count: number, run: (i: number) => Promise<R>): Promise<R[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => run(i)));

const perSecond = (count: number, ms: number): number => count / (ms / 1000);

/** Sessions at once, from the first create to the first output of the last. Any that fails fails the bench. */
const firstOutputs = async ({ client }: Server, count: number): Promise<number> => {
  const ids: string[] = [];
  const ms = await timed(() =>
    all(count, async () => {
      const id = await createRunning(client);
      ids.push(id);
      await echo(client, id);
    }),
  );
  await all(count, (i) => end(client, ids[i] ?? ''));
  return perSecond(count, ms);
};

const accepted = async ({ client }: Server, count: number): Promise<number> => {
  let ids: string[] = [];
  const ms = await timed(async () => {
    ids = await all(count, () => createAccepted(client));
  });
  await all(count, (i) => end(client, ids[i] ?? ''));
  return perSecond(count, ms);
};

const best = async (rounds: number, run: () => Promise<number>): Promise<number> => {
  const results: number[] = [];
  for (let round = 0; round < rounds; round++) results.push(await run());
  return results.sort((a, b) => a - b)[Math.floor(results.length / 2)] ?? 0;
};

/** Many at once. */
export const burst = async (quick: boolean): Promise<Figure[]> => {
  const count = 100;
  const rounds = quick ? 1 : 5;
  const floorMs = await timed(() => all(count, bareNamespaces));
  const floor = perSecond(count, floorMs);
  const what = `${count} sessions at once, to the first output of each, median of ${rounds}`;
  const cold = await withServer({ pool: 0 }, async (server) => {
    await firstOutputs(server, 10);
    return {
      outputs: await best(rounds, () => firstOutputs(server, count)),
      accepted: await best(rounds, () => accepted(server, count)),
    };
  });
  const pooled = await withServer({ pool: POOL }, async (server) => {
    await firstOutputs(server, 10);
    return best(rounds, async () => {
      await whenPoolIsFull(server, POOL);
      return firstOutputs(server, count);
    });
  });
  return [
    figure('burst.cold', `${what}, no pool; floor: unshare + sh`, cold.outputs, '1/s', { goal: atLeast(60), floor }),
    figure('burst.pool', `${what}, pool of ${POOL}`, pooled, '1/s', { goal: atLeast(120), floor }),
    figure('burst.accepted', `${count} creates at once, to the last answer, median of ${rounds}`, cold.accepted, '1/s'),
  ];
};
