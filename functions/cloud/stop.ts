import { createShutdown } from '#platform/shutdown.ts';
import type { Serving } from '#platform/listen.ts';
import type { Background } from '#ports/background.ts';
import type { Clock } from '#ports/clock.ts';
import type { Logger } from '#ports/logger.ts';

/** Cloud Run kills an instance 10 s after SIGTERM. These are 8 s in all. */
const ANSWERS_MS = 4_000;
const BACKGROUND_MS = 1_500;
const CLOSE_MS = 2_000;

/** How long a server that stops waits for open answers. */
export const GRACE_MS = ANSWERS_MS;

export interface Stoppable {
  readonly log: Logger;
  readonly clock: Clock;
  readonly serving: Serving;
  readonly background: Background;
  /** Aborted first. */
  readonly stopping: AbortController;
  /** Closes the drivers. */
  close(): Promise<void>;
  readonly exit?: (code: number) => void;
}

/**
 * Ends the process at SIGTERM and SIGINT, in order: output streams break off, no connection is accepted, open answers
 * and work after answers come to their end, drivers close. A repeated signal changes nothing.
 * @returns what a signal calls
 */
export const stopOnSignals = (options: Stoppable): ((signal: NodeJS.Signals) => void) => {
  const { log, clock, serving, background, stopping, close, exit = (code) => process.exit(code) } = options;
  const shutdown = createShutdown({ log, clock });
  shutdown.phase('stop serving', ANSWERS_MS + 250, async () => {
    stopping.abort();
    await serving.close();
  });
  shutdown.phase('finish work after answers', BACKGROUND_MS + 250, async () => {
    const left = await background.drain(BACKGROUND_MS);
    if (left.length > 0) log.warn({ left }, 'background work did not end in time and is abandoned');
  });
  shutdown.phase('close', CLOSE_MS, close);
  const onSignal = (signal: NodeJS.Signals): void =>
    void shutdown.run(signal).then((clean) => {
      log.info({ clean }, 'stopped');
      exit(clean ? 0 : 1);
    });
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return onSignal;
};
