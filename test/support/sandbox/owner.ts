import { openSandboxHost } from '../../../functions/keeper/sandbox/host.ts';
import { testCommand, testHostOptions, testSpec } from './host.ts';
import type { IsolationLevel } from '../../../functions/keeper/sandbox/types.ts';

/** Owns three sandboxes that sleep, until it is killed: what a keeper leaves behind is looked at from outside. */
const [dataDir = '', isolation = 'full'] = process.argv.slice(2);
const host = await openSandboxHost(testHostOptions(dataDir, { isolation: isolation as IsolationLevel }));
for (const key of ['one', 'two', 'three']) {
  const sandbox = await host.create(testSpec(key));
  const spawned = await sandbox.spawn(testCommand('setsid sleep 86399 & sleep 86399'));
  spawned.stdout.resume();
}
process.stdout.write('ready\n');
process.stdin.resume();
await new Promise(() => undefined);
