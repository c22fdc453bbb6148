import type { Clock } from '#ports/clock.ts';

const LOOK_MS = 1_000;

/**
 * Resolves when the npm that started this process has ended. npm forwards SIGTERM and SIGINT, but not the other signals
 * that end it. Never resolves if something else started this process.
 */
export const npmGone = async (clock: Pick<Clock, 'sleep'>, env: NodeJS.ProcessEnv = process.env): Promise<void> => {
  if (!['start', 'npx'].includes(env['npm_lifecycle_event'] ?? '')) return new Promise(() => {});
  const npm = process.ppid;
  while (process.ppid === npm) await clock.sleep(LOOK_MS);
};
