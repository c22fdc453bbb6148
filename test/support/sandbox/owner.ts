import { openSandboxHost } from '../../../functions/keeper/sandbox/host.ts';
import { testCommand, testHostOptions, testSpec } from './host.ts';
import type { IsolationLevel } from '../../../functions/keeper/sandbox/types.ts';

/**
 * Owns three sandboxes that sleep for this many seconds, until it is killed: what a keeper leaves behind is looked at
 * from outside. Its test's end ends it too.
 */
const [dataDir = '', isolation = 'full', seconds = '86399'] = process.argv.slice(2);
const host = await openSandboxHost(testHostOptions(dataDir, { isolation: isolation as IsolationLevel }));
for (const key of ['one', 'two', 'three']) {
  const sandbox = await host.create(testSpec(key));
  const spawned = await sandbox.spawn(testCommand(`setsid sleep ${seconds} & sleep ${seconds}`));
  spawned.stdout.resume();
}
process.stdout.write('ready\n');
process.stdin.resume().once('end', () => process.exit(1));
await new Promise(() => undefined);
