import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#platform/clock.ts';
import { connectFrames } from '#platform/protocol/client.ts';
import { connectExec } from '#platform/protocol/exec-channel.ts';
import { createLogger } from '#platform/logger.ts';
import { startKeeper } from '../../../functions/keeper/keeper.ts';
import { plainHost } from './plain-host.ts';
import { execConformance } from './suite.ts';

execConformance('keeper with plain processes', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'onmemos-exec-'));
  const log = createLogger({ level: 'error' });
  const keeper = await startKeeper({ dataDir, clock: systemClock, log, openHost: async () => plainHost(dataDir) });
  const dial = async () => {
    const socket = connect(join(dataDir, 'keeper', 'keeper.sock'));
    await once(socket, 'connect');
    return socket;
  };
  const control = await connectFrames(await dial());
  const spec = {
    key: 'ses-1',
    session_id: 'ses-1',
    cpu_millis: 1000,
    memory_mb: 512,
    pids: 512,
    disk_mb: 1024,
    workspace_dir: null,
    buckets: [],
    network: 'default',
  };
  await control.call('ensure', { spec, deadline: systemClock.now() + 600_000 });
  return {
    tty: false,
    open: async () => connectExec(await dial(), { session: 'ses-1' }),
    close: async () => {
      control.close();
      await keeper?.stop(0);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
});
