import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSqliteStore } from '#drivers/store/sqlite/open.ts';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import { createLogger } from '#platform/logger.ts';
import type { Store } from '#ports/store.ts';
import { bootstrapAdminKey } from '#services/keys/bootstrap.ts';
import { execs, keys } from '#services/model/collections.ts';
import { priceTable } from '#domain/prices.ts';
import { readSettings } from '#wiring/settings.ts';
import { openStandalone, type Standalone } from '#wiring/standalone.ts';
import { DOCUMENTS } from '#wiring/documents.ts';
import { createDispatcher } from '../../functions/worker/dispatch.ts';
import { clientOf } from './support/client.ts';
import { apiOver } from './support/world.ts';

const KEEPER = [process.execPath, join(import.meta.dirname, '../../functions/keeper/main.ts')];

let dataDir: string;
let machine: Standalone;
let lines: string[];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'onmemos-background-'));
  lines = [];
  machine = await openStandalone({
    settings: readSettings({ ONMEMOS_DATA_DIR: dataDir, ONMEMOS_POOL_SIZE: '0' }),
    prices: priceTable(),
    clock: systemClock,
    ids: systemIds,
    log: createLogger({ level: 'warn', destination: { write: (line) => void lines.push(line) } }),
    keeperCommand: KEEPER,
    publicUrl: () => 'http://127.0.0.1:8080',
  });
  await machine.queue.start(createDispatcher(machine.deps));
});
afterEach(() => rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

/** A store whose writes wait, from the moment that the gate is shut, for it to open. */
const gated = (store: Store) => {
  let gate: Promise<void> = Promise.resolve();
  const late: Store = new Proxy(store, {
    get: (target, name) => {
      const found: unknown = Reflect.get(target, name, target);
      if (typeof found !== 'function') return found;
      const call = found.bind(target) as (...args: unknown[]) => unknown;
      if (name !== 'transaction' && name !== 'put') return call;
      return async (...args: unknown[]) => {
        await gate;
        return call(...args);
      };
    },
  });
  return {
    store: late,
    shut: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
  };
};

it('ends the work of answers that were given before the store closes', async () => {
  const admin = await bootstrapAdminKey(machine.deps, 'admin', async () => {});
  const { store, shut } = gated(machine.deps.store);
  const api = apiOver({ deps: { ...machine.deps, store }, close: async () => {} });
  const call = clientOf(api, admin);
  const made = (await call('/v1/sessions?wait=60', { body: { user: 'ann', namespace: 'n' } })).json as { id: string };
  const started = (await call(`/v1/sessions/${made.id}/execs`, { body: { command: 'true' } })).json as {
    exec_id: string;
  };
  const key_id = admin.split('_')[1] ?? '';
  const key = await machine.deps.store.get(keys, key_id);
  if (!key) throw new Error('the admin key is not in the store');
  await machine.deps.store.put(keys, key_id, { ...key.data, last_used_at: null });
  await machine.deps.background.drain(60_000);

  const open = shut();
  const at = `/v1/sessions/${made.id}/execs/${started.exec_id}`;
  let state = 'running';
  while (state === 'running') state = ((await call(at)).json as { status: string }).status;
  expect(state).toBe('exited');
  await machine.compute.keeper.shutdown({ end_sessions: true, grace_ms: 0 });
  const closing = machine.close();
  open();
  await closing;

  const again = await openSqliteStore({
    path: join(dataDir, 'store.db'),
    ...DOCUMENTS,
    clock: systemClock,
  });
  const exec = await again.get(execs, `${made.id}:${started.exec_id}`);
  expect(exec?.data.status).toBe('exited');
  expect((await again.get(keys, key_id))?.data.last_used_at).not.toBeNull();
  await again.close();
  expect(lines.filter((line) => line.includes('work after'))).toEqual([]);
});
