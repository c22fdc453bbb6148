import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import { createLogger } from '#platform/logger.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { readPrices } from '#wiring/prices.ts';
import { readSettings } from '#wiring/settings.ts';
import { openStandalone } from '#wiring/standalone.ts';
import { createDispatcher } from '../../../functions/worker/dispatch.ts';

const KEEPER = [process.execPath, join(import.meta.dirname, '../../../functions/keeper/main.ts')];

export interface Platform {
  readonly deps: Deps;
  close(): Promise<void>;
}

/**
 * Everything under the API for real: SQLite, the queue that works off its tasks, and sandboxes of a keeper.
 * @param change gives it other drivers, before any task runs
 * @param queue `idle`: tasks stay where they are, for a test that delivers them by itself
 * @param env further settings
 */
export const openPlatform = async (
  change: (deps: Deps) => Deps = (deps) => deps,
  queue: 'working' | 'idle' = 'working',
  env: Readonly<Record<string, string>> = {},
): Promise<Platform> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'onmemos-api-'));
  const settings = readSettings({ ONMEMOS_DATA_DIR: dataDir, ONMEMOS_POOL_SIZE: '0', ...env });
  const machine = await openStandalone({
    settings,
    prices: readPrices(settings),
    clock: systemClock,
    ids: systemIds,
    log: createLogger({ level: 'silent' }),
    keeperCommand: KEEPER,
    publicUrl: () => 'http://127.0.0.1:8080',
  });
  const deps = change(machine.deps);
  if (queue === 'working') await machine.queue.start(createDispatcher(deps));
  return {
    deps,
    close: async () => {
      await machine.compute.keeper.shutdown({ end_sessions: true, grace_ms: 0 });
      await machine.close();
      // The keeper writes its last files while it leaves.
      await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
};
