import { HANGS_SECONDS } from '../../acceptance/support/until.ts';
import { systemClock } from '#platform/clock.ts';
import type { Api } from '../../../functions/api/app.ts';
import { type Serving, serveApi } from '../../../functions/api/serve.ts';

/** The app behind a real server on a free port of this machine. */
export const serveLive = (api: Api): Promise<Serving> =>
  serveApi(api, { host: '127.0.0.1', port: 0, clock: systemClock });

/** Asks again until it holds. @throws Error when it still does not at the deadline */
export const eventually = async (
  what: string,
  holds: () => Promise<boolean> | boolean,
  limit_ms = HANGS_SECONDS * 1000,
): Promise<void> => {
  const end = systemClock.monotonic() + limit_ms;
  while (!(await holds())) {
    if (systemClock.monotonic() > end) throw new Error(`not in time: ${what}`);
    await systemClock.sleep(20);
  }
};
