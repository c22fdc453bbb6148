import { existsSync, readFileSync, rmSync } from 'node:fs';
import { systemClock } from '#platform/clock.ts';
import { openSandboxHost } from '../../functions/keeper/sandbox/host.ts';
import { run, testCommand, testHostOptions, testSpec } from '../support/sandbox/host.ts';
import type { Sandbox, SandboxHost } from '../../functions/keeper/sandbox/types.ts';
import type { Attack, World } from './attacks.ts';
import { attacksOf, type Column } from './columns.ts';

const QUIET_MS = 30_000;
/** Long enough for a bomb to grow and for the watch, which looks every second, to see it. */
const NOISE_MS = 4_000;
const RACED_COMMANDS = 150;

/** One column of the table, in a process that may run as another user: prints a JSON line for each attack. */
const [columnText = '', worldFile = ''] = process.argv.slice(2);
const column = JSON.parse(columnText) as Column;
const world = JSON.parse(readFileSync(worldFile, 'utf8')) as World;

const host = await openSandboxHost(
  testHostOptions(world.dataDir, {
    isolation: column.isolation,
    network: column.network,
    ...(column.cgroups ? {} : { hierarchies: [] }),
  }),
);
const neighbour = await host.create(testSpec('neighbour'));
await run(neighbour, `echo ${world.token} > secret; cp secret /tmp/secret; sleep 86397 >/dev/null 2>&1 &`, {
  env: { MINE: world.token },
}).catch(() => undefined);
const attacker = await host.create(testSpec('attacker', { pids: 128 }));
for (const attack of attacksOf(column)) {
  const won = await (attack.noisy ? noisy(host, attack) : attack.racer ? raced(attack) : quiet(attacker, attack));
  process.stdout.write(`${JSON.stringify({ attack: attack.name, held: won === null, why: won })}\n`);
}
await host.close();
process.exit(0);

/** @returns why the attack won, or null. */
async function quiet(sandbox: Sandbox, attack: Attack): Promise<string | null> {
  const command = testCommand(attack.script(world), { merge: true });
  const spawned = await sandbox.spawn(command);
  let out = '';
  spawned.stdout.on('data', (chunk: Buffer) => {
    out = (out + chunk.toString()).slice(-100_000);
  });
  const timer = systemClock.timer(QUIET_MS, () => spawned.signal('KILL'));
  const closed = new Promise((resolve) => spawned.stdout.once('close', resolve));
  await spawned.exited;
  timer.cancel();
  await Promise.race([closed, systemClock.sleep(200)]);
  if (out.includes(world.token)) return 'it read the secret';
  if (/^BROKEN$/m.test(out)) return 'it did what it tried';
  if (!attack.marker || !existsSync(attack.marker)) return null;
  rmSync(attack.marker);
  return `it wrote ${attack.marker}`;
}

/** Held when the racer saw commands being started, all of them were, and it got hold of none. */
async function raced(attack: Attack): Promise<string | null> {
  const racing = await attacker.spawn(testCommand(attack.script(world), { merge: true }));
  let out = '';
  racing.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  const closed = new Promise((resolve) => racing.stdout.once('close', resolve));
  for (let i = 0; i < RACED_COMMANDS && !out.includes('BROKEN'); i++) {
    const cwd = i === 0 ? '/' : '/tmp/race/slow';
    const tty = i % 2 === 0 ? null : { cols: 80, rows: 24 };
    const begun = run(attacker, '', { argv: ['sleep', i === 0 ? '1' : '0'], cwd, tty });
    const ended = await Promise.race([begun, systemClock.sleep(QUIET_MS).then(() => null)]);
    if (ended?.code !== 0) return `command ${i} of those beside it could not be run: ${ended?.err ?? 'it did not end'}`;
  }
  await run(attacker, 'touch /tmp/race/over');
  await racing.exited;
  await closed;
  if (/^BROKEN$/m.test(out)) return `it got hold of a launcher: ${out.slice(0, 200)}`;
  return /^SEEN [1-9]/m.test(out) ? null : `it saw no launcher, so nothing is proved: ${out.slice(0, 200)}`;
}

/** Held when neighbour and host answer while it rages, and its own sandbox can be taken away whole. */
async function noisy(from: SandboxHost, attack: Attack): Promise<string | null> {
  const sandbox = await from.create(testSpec('noisy', { memory_mb: 64, pids: 64, disk_mb: 50 }));
  const spawned = await sandbox.spawn(testCommand(attack.script(world)));
  spawned.stdout.resume();
  spawned.stderr?.resume();
  const ended = sandbox.ended.then(() => true);
  await Promise.race([ended, systemClock.sleep(NOISE_MS)]);
  try {
    const alive = await Promise.race([run(neighbour, 'echo alive'), systemClock.sleep(QUIET_MS).then(() => null)]);
    if (alive?.out !== 'alive\n') return 'the neighbour did not answer';
    const { processes, disk_mb, memory_mb } = await sandbox.usage();
    if ((processes ?? 0) > 400) return `it had ${processes} processes`;
    if ((memory_mb ?? 0) > 200) return `it had ${memory_mb} MiB of memory`;
    if (
      attack.name === 'disk filler' &&
      !(await Promise.race([ended, systemClock.sleep(NOISE_MS).then(() => false)]))
    ) {
      return `it had ${disk_mb} MiB of disk`;
    }
    return null;
  } finally {
    await sandbox.destroy(0);
  }
}
