/** Starts a keeper and stays connected to it: one to which nobody is connected ends by itself after a while. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { keeperFolder } from '#platform/keeper-folders.ts';
import { connectFrames } from '#platform/protocol/client.ts';
import { findSocketPath } from '#platform/socket-path.ts';

const [dataDir] = process.argv.slice(2);
if (dataDir === undefined) {
  console.error('usage: keeper.ts DATA_DIR');
  process.exit(2);
}

const PROGRAM = join(import.meta.dirname, '..', '..', 'functions', 'keeper', 'start.mjs');
const keeper = spawn(process.execPath, [PROGRAM, '--data-dir', dataDir], { stdio: 'inherit' });
keeper.once('exit', (code) => process.exit(code ?? 1));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void keeper.kill(signal));

for (let reached = false; !reached; ) {
  const socket = connect(await findSocketPath(keeperFolder(dataDir, 1)));
  reached = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  if (reached) void connectFrames(socket, { keepalive_ms: 0 });
  else await pause(20);
}
console.log('serving');
