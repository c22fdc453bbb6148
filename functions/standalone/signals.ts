import type { Clock } from '#ports/clock.ts';
import type { Logger } from '#ports/logger.ts';
import { createShutdown } from '#platform/shutdown.ts';
import type { Standalone } from '#wiring/standalone.ts';
import type { Serving } from '../api/serve.ts';
import type { Discovery } from './discovery.ts';
import type { Schedule } from './schedule.ts';

/** Time in which a person can say, by a second Ctrl-C, that the sessions are to end too. */
const SECOND_MS = 5_000;
/** One Ctrl-C may come twice: from the terminal, and again from npm, which passes on what it gets: each press, not the first alone. */
const ECHO_MS = 300;
/** Time that sessions have after TERM when a person ends the service with them. */
const GRACE_MS = 5_000;

export interface Stoppable {
  readonly log: Logger;
  readonly clock: Clock;
  readonly machine: Standalone;
  readonly schedule: Schedule;
  readonly serving: Serving;
  readonly discovery: Discovery;
}

/**
 * SIGTERM, also a repeated one, leaves sessions running until their time to live ends. Ctrl-C says how many keep
 * running, and a second one ends them.
 * @returns the way to end as by SIGTERM, for another reason
 */
export const stopOnSignals = ({
  log,
  clock,
  machine,
  schedule,
  serving,
  discovery,
}: Stoppable): ((reason: string) => void) => {
  const { keeper } = machine.compute;
  let first: { readonly byHand: boolean } | null = null;
  let lastAt = Number.NEGATIVE_INFINITY;
  let ending = false;
  let live = 0;

  const shutdown = createShutdown({ log, clock });
  // First, so that no new client finds a server that is shutting down.
  shutdown.phase('withdraw', 1_000, () => discovery.end());
  shutdown.phase('say what goes on', 2_000, async () => {
    live = await keeper.sessions();
    if (live === 0) return;
    const goesOn =
      live === 1
        ? '1 session keeps running until its time is up.'
        : `${live} sessions keep running until their time is up.`;
    console.error(first?.byHand ? `${goesOn} Ctrl-C again within ${SECOND_MS / 1000} s ends them now.` : goesOn);
  });
  shutdown.phase('stop serving', 7_000, () => serving.close());
  shutdown.phase('stop the schedule', 5_000, () => schedule.stop());
  shutdown.phase('wait for a second Ctrl-C', SECOND_MS + 1_000, async () => {
    if (first?.byHand && live > 0) await clock.sleep(SECOND_MS);
  });
  shutdown.phase('close', 17_000, () => machine.close());

  /** @returns whether all sessions have ended */
  const endSessions = async (): Promise<boolean> => {
    const left = (await keeper.unreachable().catch(() => [])).length;
    console.error(
      left === 0 ? 'Ending the sessions too.' : `Ending the sessions too, except ${left} that can’t be reached.`,
    );
    await keeper.shutdown({ end_sessions: true, grace_ms: GRACE_MS });
    return left === 0;
  };
  const end = (reason: string): void => void shutdown.run(reason).then((clean) => process.exit(clean ? 0 : 1));
  const onSignal = (signal: NodeJS.Signals): void => {
    const byHand = signal === 'SIGINT';
    const now = clock.monotonic();
    const echo = now - lastAt < ECHO_MS;
    lastAt = now;
    if (first === null) {
      first = { byHand };
      end(signal);
    } else if (byHand && !echo) {
      if (ending) process.exit(1);
      ending = true;
      void endSessions()
        .catch((error: unknown) => {
          log.error({ error }, 'the sessions could not be ended');
          return false;
        })
        .then((ended) => process.exit(ended ? 0 : 1));
    }
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return end;
};
