import { stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { intents, sessions } from '#services/model/collections.ts';
import type { Clock } from '#ports/clock.ts';
import type { Logger } from '#ports/logger.ts';
import type { Standalone } from '#wiring/standalone.ts';
import type { Calls } from './calls.ts';
import { handOverAsked } from './claim.ts';
import type { Discovery } from './discovery.ts';

const LOOK_MS = 500;
/** After this long without a call the server is unused: a program that uses it calls at least every two seconds. */
const UNUSED_MS = 5_000;
/** Time for the first call of the program that started it. */
const FIRST_CALL_MS = 15_000;
/** Clients may have read `server.json` just before it was removed: they are still served for so long. */
const LATECOMER_MS = 1_000;
const MOST_LOG_BYTES = 1024 * 1024;

/**
 * The environment of an embedded server: reached from this machine alone, on a port that is free, and quiet unless
 * told otherwise.
 */
export const embeddedEnv = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...env,
  ONMEMOS_HOST: '127.0.0.1',
  ONMEMOS_PORT: env['ONMEMOS_PORT'] || '0',
  ONMEMOS_LOG_LEVEL: env['ONMEMOS_LOG_LEVEL'] || 'warn',
});

/**
 * Makes this process independent of the program that started it: of its folder, its terminal and the reader of its
 * output.
 */
export const detach = (): void => {
  process.chdir('/');
  process.on('SIGHUP', () => {});
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
};

/** Empties a log that has grown. It is open for appending, so writing continues at its beginning. */
export const trimLog = async (dataDir: string): Promise<void> => {
  const path = join(dataDir, 'embedded.log');
  const found = await stat(path).catch(() => null);
  if (found?.isFile() && found.size > MOST_LOG_BYTES) await truncate(path);
};

/** Is there anything that only a server does: a session to end in time, bill and clear away, a step to take? */
export const hasDuties = async ({ deps, queue, compute }: Standalone): Promise<boolean> => {
  const { running, oldest_age_ms } = queue.stats();
  if (running > 0 || oldest_age_ms > 0) return true;
  const [live, open] = await Promise.all([
    deps.store.query(sessions, { where: { live: true }, order: { field: 'id', direction: 'asc' }, limit: 1 }),
    deps.store.query(intents, { limit: 1 }),
  ]);
  if (live.docs.length > 0 || open.docs.length > 0) return true;
  // Where it doesn't answer it has died, and its sandboxes with it.
  return (await compute.keeper.sessions().catch(() => 0)) > 0;
};

export interface UnusedOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly calls: Calls;
  readonly discovery: Discovery;
  readonly duties: () => Promise<boolean>;
}

/** Resolves, with the reason, once an embedded server is no longer needed and no client can find it. */
export const unused = async (options: UnusedOptions): Promise<string> => {
  const { clock, calls, discovery } = options;
  for (;;) {
    await clock.sleep(LOOK_MS);
    const why = await leavingFor(options);
    if (why === null) continue;
    const seen = calls.total;
    await discovery.withdraw();
    await clock.sleep(LATECOMER_MS);
    if (calls.total === seen) return why;
    await discovery.publish();
  }
};

const leavingFor = async ({ dataDir, clock, calls, duties, log }: UnusedOptions): Promise<string | null> => {
  if (calls.underWay > 0) return null;
  if (await handOverAsked(dataDir, clock)) return 'another server takes over';
  if (calls.quietMs() < (calls.total === 0 ? FIRST_CALL_MS : UNUSED_MS)) return null;
  try {
    return (await duties()) ? null : 'it is not in use';
  } catch (error) {
    log.warn({ error }, 'it could not be seen whether anything is left to do; the next look tells');
    return null;
  }
};
