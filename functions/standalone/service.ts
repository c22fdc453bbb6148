import type { Registry } from 'prom-client';
import type { Clock } from '#ports/clock.ts';
import type { Ids } from '#ports/ids.ts';
import type { Logger } from '#ports/logger.ts';
import { sweepIntents } from '#services/sweeps/intents.ts';
import type { PriceTable } from '#domain/prices.ts';
import type { StandaloneSettings } from '#wiring/settings.ts';
import { idleSettings, openStandalone } from '#wiring/standalone.ts';
import { VERSION } from '#wiring/version.ts';
import { createApp } from '../api/app.ts';
import { apiSettings } from '../api/deps.ts';
import { createMetrics } from '../api/metrics.ts';
import { serveApi } from '../api/serve.ts';
import { JOBS, runJob } from '../scheduler/jobs.ts';
import { createJobMetrics } from '../scheduler/metrics.ts';
import { createDispatcher } from '../worker/dispatch.ts';
import { createTaskMetrics } from '../worker/metrics.ts';
import { ensureAdminKey } from './admin-key.ts';
import { closing, machineText, opening, stepText } from './banner.ts';
import { countCalls } from './calls.ts';
import { isLoopback } from '#platform/loopback.ts';
import { readyCheck } from './checks.ts';
import { claimOrTakeOver, claimOrYield } from './claim.ts';
import { startCommand } from './command.ts';
import { discoveryOf, forgetNote, localUrl, urlOf } from './discovery.ts';
import { hasDuties, trimLog, unused } from './embedded.ts';
import { addStandaloneMetrics } from './metrics.ts';
import type { HeldLog } from './held-log.ts';
import { npmGone } from './parent.ts';
import { assertFree } from './port.ts';
import { startSchedule } from './schedule.ts';
import { selfCheck } from './self-check.ts';
import { stopOnSignals } from './signals.ts';
import { unreachableSessions } from './unreachable.ts';

export interface ServiceOptions {
  readonly settings: StandaloneSettings;
  readonly prices: PriceTable;
  readonly log: Logger;
  /** What `log` writes to. It is held until the start has been described. */
  readonly held: HeldLog;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly registry: Registry;
  readonly keeperCommand: readonly string[];
  readonly check: boolean;
  /** Whether it exits by itself once it is no longer needed. */
  readonly embedded: boolean;
}

/**
 * API, worker and schedule in one process. Resolves once it serves and has checked itself.
 * @throws FolderServed, or another error that keeps it from serving
 */
export const runService = async (options: ServiceOptions): Promise<void> => {
  const { settings, log, clock, ids, registry } = options;
  const { ONMEMOS_HOST: host, ONMEMOS_PORT: port, ONMEMOS_DATA_DIR: dataDir } = settings;
  let url = urlOf(host, port);
  const say = options.embedded ? () => {} : (text: string) => console.log(text);
  say(opening(VERSION, dataDir));
  await assertFree({ host, port }, dataDir, clock);
  const open = () =>
    openStandalone({
      settings,
      prices: options.prices,
      clock,
      ids,
      log,
      keeperCommand: options.keeperCommand,
      publicUrl: () => settings.ONMEMOS_PUBLIC_URL ?? url,
    });
  const machine = await (options.embedded ? claimOrYield : claimOrTakeOver)({ dataDir, clock, open });
  try {
    if (options.embedded) await trimLog(dataDir);
    const { deps, queue, compute } = machine;
    if (compute.capabilities.isolation === 'none' && !isLoopback(host)) {
      throw Object.assign(
        new Error('Sessions without isolation are served on loopback only. Set ONMEMOS_HOST to 127.0.0.1.'),
        {
          name: 'IsolationUnavailable',
        },
      );
    }
    const admin = await ensureAdminKey(deps, dataDir);
    const unreachable = await unreachableSessions(machine);
    // An embedded server prints no banner.
    if (options.embedded && unreachable.length > 0) {
      log.warn(
        { sessions: unreachable },
        'sessions of a keeper of another version can not be reached; they run until they expire',
      );
    }
    const resumed = (await compute.keeper.sessions()) - unreachable.length;
    await queue.start(createDispatcher(deps, createTaskMetrics(registry)));
    const observeJob = createJobMetrics(registry);
    // The unfinished work of an earlier server: every open intent, then every resource without an owner.
    await sweepIntents(deps, true);
    for (const job of JOBS) await runJob(deps, job, observeJob);
    const schedule = startSchedule(deps, observeJob);

    addStandaloneMetrics(registry, machine);
    const api = createApp({
      deps,
      log: log.child({ part: 'api' }),
      clock,
      settings: apiSettings(VERSION, settings),
      ready: readyCheck(machine),
      metrics: createMetrics(registry),
    });
    const calls = countCalls(clock);
    const serving = await serveApi(api, { host, port, clock, calls });
    url = urlOf(host, serving.port);
    const discovery = discoveryOf(dataDir, {
      url: localUrl(host, serving.port),
      pid: process.pid,
      version: VERSION,
      embedded: options.embedded,
    });
    const end = stopOnSignals({ log, clock, machine, schedule, serving, discovery });
    if (!options.embedded) void npmGone(clock).then(() => end('npm has ended'));
    await discovery.publish();
    if (options.embedded) {
      options.held.release([]);
      void unused({ dataDir, clock, log, calls, discovery, duties: () => hasDuties(machine) }).then(end);
      return;
    }
    const isolation = compute.capabilities.isolation ?? 'unknown';
    const { network, refused, warnings = [] } = compute.keeper.capabilities;
    const levels = refused.map(({ level, why }) => `${level} is not possible here: ${why}`);
    const notes = [...levels, ...warnings, ...idleSettings(settings)];
    say(machineText({ keyPath: admin.path, keyMade: admin.made, isolation, network, notes, resumed, unreachable }));
    const traces = options.check ? await checked(url, admin.key, clock, say) : [];
    say(closing(VERSION, url, admin.path));
    options.held.release(traces);
  } catch (error) {
    await forgetNote(dataDir);
    await machine.close();
    throw error;
  }
};

/** Checks this machine by one session. @returns texts by which the log lines of the check are known */
const checked = async (
  url: string,
  key: string,
  clock: Clock,
  say: (text: string) => void,
): Promise<readonly string[]> => {
  try {
    return await selfCheck({ url, key, clock, done: (step) => say(stepText(step)) });
  } catch (error) {
    throw Object.assign(
      new Error(
        `The check of this machine failed: ${error instanceof Error ? error.message : String(error)}\n${startCommand('--no-check')} serves without it.`,
      ),
      { name: 'IsolationUnavailable' },
    );
  }
};
