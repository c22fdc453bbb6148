import { setMaxListeners } from 'node:events';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import type { Serving } from '#platform/listen.ts';
import { createLogger } from '#platform/logger.ts';
import type { Clock } from '#ports/clock.ts';
import type { Ids } from '#ports/ids.ts';
import type { Logger } from '#ports/logger.ts';
import { places } from '#services/model/collections.ts';
import { type CloudMachine, openGoogleCloud } from '#wiring/google-cloud.ts';
import {
  type CloudFunction,
  type CloudSettings,
  misspeltCloudSettings,
  readCloudSettings,
} from '#wiring/google-cloud-settings.ts';
import { readPrices } from '#wiring/prices.ts';
import { BadSettings } from '#wiring/settings.ts';
import { readiness } from './readiness.ts';
import type { Listening } from './serve.ts';
import { GRACE_MS, stopOnSignals } from './stop.ts';

export interface Running {
  readonly settings: CloudSettings;
  readonly machine: CloudMachine;
  readonly log: Logger;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Whether the store can be reached. */
  readonly ready: () => Promise<string>;
  /** Aborted when the process is told to end. */
  readonly stopping: AbortSignal;
  readonly listening: Listening;
}

const readOrExit = (cloudFunction: CloudFunction) => {
  try {
    const settings = readCloudSettings(cloudFunction, process.env);
    return { settings, prices: readPrices(settings) };
  } catch (error) {
    if (!(error instanceof BadSettings)) throw error;
    const log = createLogger({ level: 'error' });
    for (const sentence of error.message.split('\n')) log.error({ function: cloudFunction }, sentence);
    return process.exit(1);
  }
};

/** Runs one function of Google Cloud in this process, until it is told to end. */
export const runFunction = async (
  cloudFunction: CloudFunction,
  serve: (running: Running) => Promise<Serving>,
): Promise<void> => {
  const { settings, prices } = readOrExit(cloudFunction);
  const [clock, ids] = [systemClock, systemIds];
  const log = createLogger({ level: settings.ONMEMOS_LOG_LEVEL, cloud: { project: settings.ONMEMOS_PROJECT } }).child({
    function: cloudFunction,
  });
  for (const sentence of misspeltCloudSettings(process.env)) log.warn({}, sentence);
  process.on('uncaughtException', (err) => {
    log.error({ err }, 'a fault that nothing handled');
    process.exit(1);
  });
  // In a container this is the first process, which a signal ends only if it is listened to.
  const endsEarly = (): void => process.exit(0);
  process.on('SIGTERM', endsEarly);
  const stopping = new AbortController();
  // Each open stream listens.
  setMaxListeners(0, stopping.signal);
  try {
    const machine = await openGoogleCloud({ settings, prices, clock, ids, log });
    const { store, background } = machine.deps;
    const ready = readiness({ clock, probe: () => store.get(places, 'ready') });
    const listening = { host: settings.ONMEMOS_HOST, port: settings.PORT, clock, grace_ms: GRACE_MS };
    const serving = await serve({ settings, machine, log, clock, ids, ready, stopping: stopping.signal, listening });
    process.off('SIGTERM', endsEarly);
    stopOnSignals({ log, clock, serving, background, stopping, close: () => machine.close() });
    log.info(
      { port: serving.port, version: machine.deps.settings.version, ms: Math.round(clock.monotonic()) },
      'serving',
    );
  } catch (err) {
    log.error({ err }, 'the function did not start');
    process.exit(1);
  }
};
