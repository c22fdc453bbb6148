import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import { connectFrames, type FrameClient } from '#platform/protocol/client.ts';
import type { Clock } from '#ports/clock.ts';
import { fileLog } from './file-log.ts';
import { lockInstance } from './instance-lock.ts';
import { keeperFolder } from '#platform/keeper-folders.ts';
import { startKeeper } from './keeper.ts';
import { openRecordStore } from './record-store.ts';
import type { Sandbox, SandboxHost } from './sandbox/types.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => silent };

const emptyHost: SandboxHost = {
  capabilities: {
    level: 'none',
    refused: [],
    limits: { cpu: 'none', memory: 'none', pids: 'none', disk: 'none' },
    network: 'host',
    network_policy: 'open',
    warnings: [],
    cpu_millis: 1000,
    memory_mb: 1024,
  },
  create: async () => {
    throw new Error('the kernel says no');
  },
  createRefusal: () => null,
  sweep: async () => ({ removed: 0 }),
  sweepSlot: async () => {},
  pool: () => {},
  close: async () => {},
};

const spec = {
  key: 's-1',
  session_id: 's-1',
  cpu_millis: 100,
  memory_mb: 64,
  pids: 10,
  disk_mb: 10,
  workspace_dir: null,
  buckets: [],
  network: 'default',
};

describe('keeper', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'onmemos-keeper-'));
  });
  afterEach(async () => {
    await rm(dataDir, { recursive: true, force: true });
  });

  const start = (clock: Clock = systemClock) =>
    startKeeper({ dataDir, slot: 1, clock, log: silent, openHost: async () => emptyHost });
  const dial = async () => {
    const socket = connect(join(dataDir, 'keeper', 'keeper.sock'));
    await once(socket, 'connect');
    return connectFrames(socket);
  };

  it('is one to a data folder', async () => {
    const [first, second] = await Promise.all([start(), start()]);
    expect([first, second].filter(Boolean)).toHaveLength(1);
    await (first ?? second)?.stop(0);
    const third = await start();
    expect(third).not.toBeNull();
    await third?.stop(0);
  });

  it('ends by itself when nobody needs it, and not before', async () => {
    const timers: { ms: number; run: () => void; cancelled: boolean }[] = [];
    const clock: Clock = {
      ...systemClock,
      timer: (ms, run) => {
        const timer = { ms, run, cancelled: false };
        timers.push(timer);
        return {
          cancel: () => {
            timer.cancelled = true;
          },
        };
      },
    };
    const due = () => timers.filter(({ ms, cancelled }) => ms === 5_000 && !cancelled);
    const keeper = await start(clock);
    expect(due()).toHaveLength(1);
    const client = await dial();
    expect(due()).toHaveLength(0);
    client.close();
    await client.closed;
    while (due().length === 0) await systemClock.sleep(5);
    due()[0]?.run();
    await keeper?.ended;
    expect(existsSync(join(dataDir, 'keeper', 'keeper.sock'))).toBe(false);
  });

  const sandboxOf = (key: string, destroy: () => Promise<void>): Sandbox => ({
    ...{ key, session_id: key, started_at: systemClock.now(), log_dir: dataDir, details: {}, destroy },
    spawn: async () => {
      throw new Error('not part of this test');
    },
    usage: async () => ({ cpu_ms: null, memory_mb: null, memory_limit_mb: null, disk_mb: null, processes: null }),
    ended: new Promise(() => {}),
  });
  const ensure = async (client: FrameClient, key: string) =>
    client.call('ensure', { spec: { ...spec, key, session_id: key }, deadline: { at: 9e12, generation: 1 } });

  it('ends its sandboxes together', async () => {
    const most = 30;
    let ending = 0;
    const all = Promise.withResolvers<void>();
    const host: SandboxHost = {
      ...emptyHost,
      // None is gone before each was told.
      create: async ({ key }) =>
        sandboxOf(key, () => {
          ending += 1;
          if (ending === most) all.resolve();
          return all.promise;
        }),
    };
    const keeper = await startKeeper({ dataDir, slot: 1, clock: systemClock, log: silent, openHost: async () => host });
    const client = await dial();
    for (let i = 0; i < most; i++) await ensure(client, `s-${i}`);
    await keeper?.stop(1_000);
    expect(ending).toBe(most);
  });

  it('creates nothing more once its data folder was moved, says so, and goes on where it is moved back', async () => {
    const host: SandboxHost = { ...emptyHost, create: async ({ key }) => sandboxOf(key, async () => {}) };
    const keeper = await startKeeper({ dataDir, slot: 1, clock: systemClock, log: silent, openHost: async () => host });
    const client = await dial();
    await ensure(client, 's-1');
    const elsewhere = `${dataDir}-moved`;
    await rename(dataDir, elsewhere);
    await expect(ensure(client, 's-2')).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/^The data folder was moved away from .* Move it back, or end these sessions/),
    });
    // A folder of the same name is another one.
    await mkdir(keeperFolder(dataDir, 1), { recursive: true });
    await expect(ensure(client, 's-2')).rejects.toMatchObject({ code: 'refused' });
    await rm(dataDir, { recursive: true });
    await rename(elsewhere, dataDir);
    await ensure(client, 's-2');
    await keeper?.stop(0);
  });

  it('creates as many sessions as its descriptors are enough for, and another one when one is gone', async () => {
    const create: SandboxHost['create'] = async ({ key }) => {
      if (key.startsWith('broken')) throw new Error('the kernel says no');
      return sandboxOf(key, async () => {});
    };
    const openHost = async (): Promise<SandboxHost> => ({ ...emptyHost, create });
    // Of 12 a quarter is in reserve; two sessions may have 8.
    const options = { dataDir, slot: 1, clock: systemClock, log: silent, files_limit: 12 };
    const keeper = await startKeeper({ ...options, openHost });
    const client = await dial();
    await ensure(client, 's-1');
    for (let i = 0; i < 3; i++) {
      await expect(ensure(client, `broken-${i}`)).rejects.toMatchObject({ message: 'the kernel says no' });
    }
    await ensure(client, 's-2');
    await ensure(client, 's-2');
    const refused = { code: 'refused', message: expect.stringMatching(/^The keeper may have 12 files open/) };
    await expect(ensure(client, 's-3')).rejects.toMatchObject(refused);
    await client.call('remove', { key: 's-1', grace_ms: 0 });
    await ensure(client, 's-3');
    await expect(ensure(client, 's-4')).rejects.toMatchObject(refused);
    await keeper?.stop(0);
  });

  it('ends, and frees the folder, when it can not tidy up', async () => {
    const host = {
      ...emptyHost,
      close: async () => {
        throw new Error('the disk says no');
      },
    };
    const keeper = await startKeeper({ dataDir, slot: 1, clock: systemClock, log: silent, openHost: async () => host });
    await keeper?.stop(0);
    const next = await start();
    expect(next).not.toBeNull();
    await next?.stop(0);
  });

  it('says why a sandbox could not be made, and tries again when asked again', async () => {
    const keeper = await start();
    const client = await dial();
    for (let i = 0; i < 2; i++) {
      const made = client.call('ensure', { spec, deadline: { at: systemClock.now() + 60_000, generation: 1 } });
      await expect(made).rejects.toMatchObject({ code: 'failed', message: 'the kernel says no' });
    }
    expect(await client.call('observe', { key: 's-1' })).toMatchObject({ state: 'ended', started_at: null });
    expect(await client.call('list', {})).toMatchObject([{ key: 's-1', ended: true }]);
    await expect(
      client.call('ensure', { spec: { ...spec, key: '../x' }, deadline: { at: 1, generation: 1 } }),
    ).rejects.toMatchObject({
      code: 'invalid',
    });
    await expect(client.call('nonsense', {})).rejects.toMatchObject({ code: 'no_such_op' });
    client.close();
    await keeper?.stop(0);
  });

  it('remembers what an earlier keeper left as running, and forgets after a day', async () => {
    const records = await openRecordStore(join(keeperFolder(dataDir, 1), 'sessions'));
    const record = {
      key: 'old',
      session_id: 'old',
      created_at: systemClock.now(),
      started_at: 5,
      ended_at: null,
      reason: null,
      message: null,
      removed: false,
      boot_id: 'another boot',
    };
    await records.put({ ...record, state: 'running' });
    await records.put({ ...record, key: 'ancient', state: 'ended', ended_at: systemClock.now() - 25 * 3_600_000 });
    await writeFile(join(keeperFolder(dataDir, 1), 'sessions', 'broken.json'), '{');
    const keeper = await start();
    const client = await dial();
    expect(await client.call('observe', { key: 'old' })).toMatchObject({
      state: 'absent',
      started_at: 5,
      reason: 'keeper_lost',
      message: 'The machine was restarted.',
    });
    expect(await client.call('observe', { key: 'ancient' })).toMatchObject({ state: 'absent', started_at: null });
    client.close();
    await keeper?.stop(0);
  });
});

describe('lockInstance', () => {
  it('is held by one and free again at once', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'onmemos-lock-'));
    const path = join(dir, 'lock');
    const release = lockInstance(path);
    expect(lockInstance(path)).toBeNull();
    release?.();
    lockInstance(path)?.();
    await rm(dir, { recursive: true });
  });
});

describe('fileLog', () => {
  it('stays within its size and tells no secret', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'onmemos-filelog-'));
    const path = join(dir, 'keeper.log');
    const log = fileLog(path, systemClock).child({ token: 'leak' });
    for (let i = 0; i < 3_000; i++) log.info({ filler: 'x'.repeat(1_000) }, 'm');
    expect((await readFile(path)).byteLength).toBeLessThan(1.1 * 1024 * 1024);
    expect((await readFile(`${path}.1`, 'utf8')).includes('leak')).toBe(false);
    await rm(dir, { recursive: true });
  });
});
