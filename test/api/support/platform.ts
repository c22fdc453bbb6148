import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import { createLogger } from '#platform/logger.ts';
import type { Deps } from '#services/kernel/deps.ts';
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
 * @param queue `idle`: tasks stay where they are, for a test that delivers them by itself
 */
export const openPlatform = async (queue: 'working' | 'idle' = 'working'): Promise<Platform> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'onmemos-api-'));
  const machine = await openStandalone({
    settings: readSettings({ ONMEMOS_DATA_DIR: dataDir, ONMEMOS_POOL_SIZE: '0' }),
    clock: systemClock,
    ids: systemIds,
    log: createLogger({ level: 'silent' }),
    keeperCommand: KEEPER,
    publicUrl: () => 'http://127.0.0.1:8080',
  });
  if (queue === 'working') await machine.queue.start(createDispatcher(machine.deps));
  return {
    deps: machine.deps,
    close: async () => {
      await machine.compute.keeper.shutdown({ end_sessions: true, grace_ms: 0 });
      await machine.close();
      // The keeper writes its last files while it leaves.
      await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
};
