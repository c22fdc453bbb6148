import { setTimeout as pause } from 'node:timers/promises';
import { atMost, type Figure, figure } from '../support/figure.ts';
import { keeperPid, residentMb, sandboxesMb } from '../support/processes.ts';
import { createRunning, echo, end } from '../support/sessions.ts';
import { withServer } from '../support/server.ts';

const SETTLE_MS = 3_000;

/**
 * What an idle service holds after it has served one session, and what an idle session adds. The first start of a
 * version strips the types of its files, which every later one finds done: it is not the one that is measured.
 */
export const memory = async (quick: boolean): Promise<Figure[]> => {
  await withServer({ pool: 0 }, async () => {});
  return measured(quick);
};

const measured = (quick: boolean): Promise<Figure[]> =>
  withServer({ pool: 0 }, async ({ client, pid, dataDir }) => {
    const count = quick ? 10 : 50;
    const keeper = keeperPid(dataDir);
    const first = await createRunning(client);
    await echo(client, first);
    await end(client, first);
    await pause(SETTLE_MS);
    const server = residentMb(pid);
    const keeping = residentMb(keeper);
    for (let i = 0; i < count; i++) await echo(client, await createRunning(client));
    await pause(SETTLE_MS);
    const sandboxes = sandboxesMb(keeper);
    const all = sandboxes + residentMb(pid) - server + residentMb(keeper) - keeping;
    return [
      figure('memory.server', 'resident, idle after one session', server, 'MB', { goal: atMost(120) }),
      figure('memory.keeper', 'resident, idle after one session', keeping, 'MB', { goal: atMost(60) }),
      figure('memory.sandbox', `processes of an idle session, of ${count}`, sandboxes / count, 'MB'),
      figure(
        'memory.session',
        'an idle session in all: sandbox, and what server and keeper grew by',
        all / count,
        'MB',
      ),
    ];
  });
