import { join } from 'node:path';
import type { LivingKeeper } from '#platform/keeper-identity.ts';
import { ComputeUnavailable } from '#ports/compute.ts';

/** The keeper lives and does not answer. The message says which process it is and what to do. */
export class KeeperHangs extends ComputeUnavailable {}

/** What to tell of the keeper in this folder. A keeper of an earlier release did not note who it is. */
export const keeperHangs = (folder: string, found: LivingKeeper | null): KeeperHangs => {
  if (!found) {
    return new KeeperHangs(
      `The process that keeps the sessions does not answer. ${join(folder, 'keeper.log')} has its number (pid). ` +
        'Let it go on with kill -CONT, or end it and its sessions with kill -KILL.',
    );
  }
  const { pid, stopped } = found;
  const how = stopped ? 'is stopped and does not answer' : 'does not answer';
  return new KeeperHangs(
    `The process that keeps the sessions (pid ${pid}) ${how}. Let it go on with "kill -CONT ${pid}". ` +
      `If it still does not answer, end it and its sessions with "kill -KILL ${pid}"; a new one is started then.`,
  );
};
