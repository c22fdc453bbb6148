import { openSandboxHost } from '../../../functions/keeper/sandbox/host.ts';
import { testCommand, testHostOptions, testSpec } from './host.ts';
import type { IsolationLevel } from '../../../functions/keeper/sandbox/types.ts';

/**
 * Owns three sandboxes that sleep for the given number of seconds, until the test kills it. The test then looks from
 * outside at what a keeper leaves. This process also ends when its test ends.
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
