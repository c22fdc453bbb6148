/** Starts a keeper and stays connected to it: without any connection it would end by itself after a while. */
import { spawn } from 'node:child_process';
import { connectedKeeper, keeperCommand } from '../support/deployment.ts';

const [dataDir] = process.argv.slice(2);
if (dataDir === undefined) {
  console.error('usage: keeper.ts DATA_DIR');
  process.exit(2);
}

const [program, ...args] = keeperCommand(dataDir);
const keeper = spawn(program, args, { stdio: 'inherit' });
keeper.once('exit', (code) => process.exit(code ?? 1));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void keeper.kill(signal));

await connectedKeeper(dataDir);
console.log('serving');
