import type { Clock } from '#ports/clock.ts';

const LOOK_MS = 1_000;

/**
 * Resolves when npm, which has started this process, is gone: it passes TERM and INT on, but not what ends it otherwise.
 * Never resolves where something else has started this process.
 */
export const npmGone = async (clock: Pick<Clock, 'sleep'>, env: NodeJS.ProcessEnv = process.env): Promise<void> => {
  if (!['start', 'npx'].includes(env['npm_lifecycle_event'] ?? '')) return new Promise(() => {});
  const npm = process.ppid;
  while (process.ppid === npm) await clock.sleep(LOOK_MS);
};
