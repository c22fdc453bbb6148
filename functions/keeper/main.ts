import { mkdir } from 'node:fs/promises';
import { flushCompileCache } from 'node:module';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import { keeperFolder, SLOTS } from '#platform/keeper-folders.ts';
import { fileLog } from './file-log.ts';
import { closeInherited } from './inherited.ts';
import { type Keeper, startKeeper } from './keeper.ts';
import { parseAllowed } from '#platform/network-policy.ts';
import { MOST_POOLED } from '#platform/pool.ts';
import { openSandboxHost } from './sandbox/host.ts';

/** Between TERM and KILL when the machine goes down. */
const STOP_GRACE_MS = 1_000;
/** For answers that are on their way. */
const LAST_WORDS_MS = 20;

closeInherited();
const { values } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    slot: { type: 'string', default: '1' },
    isolation: { type: 'string', default: 'auto' },
    network: { type: 'string', default: 'auto' },
    'network-private': { type: 'string', default: 'open' },
    'network-allow': { type: 'string', default: '' },
    pool: { type: 'string', default: '0' },
    hold: { type: 'string', default: '60' },
  },
});

const usage = (complaint: string): never => {
  process.stderr.write(`${complaint}
usage: node functions/keeper/main.ts --data-dir <folder> [--slot <number>]
       [--isolation auto|required|full|user|none] [--network auto|host|none]
       [--network-private open|closed] [--network-allow <ranges, separated by commas>] [--pool <sandboxes kept ready>]
       [--hold <seconds that a command waits for its reader>]
`);
  process.exit(2);
};

const oneOf = <const T extends string>(option: 'isolation' | 'network' | 'network-private', allowed: readonly T[]): T =>
  allowed.find((value) => value === values[option]) ?? usage(`--${option} must be one of ${allowed.join(', ')}`);

const dataDir = resolve(values['data-dir'] ?? usage('--data-dir is needed'));
const isolation = oneOf('isolation', ['auto', 'required', 'full', 'user', 'none']);
const network = oneOf('network', ['auto', 'host', 'none']);
const allowedRanges = () => {
  try {
    return parseAllowed(values['network-allow']);
  } catch (error) {
    return usage(`--network-allow: ${error instanceof Error ? error.message : String(error)}`);
  }
};
const networkPolicy = { private: oneOf('network-private', ['open', 'closed']), allowed: allowedRanges() };
// Root can make sandboxes of that level, and tests do. A server must not use them.
if (isolation === 'user' && process.getuid?.() === 0) {
  process.stderr.write(
    'ONMEMOS_ISOLATION=user gives commands the rights of the user that the server runs as, and that is root. Start the server as another user, or set ONMEMOS_ISOLATION=full.\n',
  );
  process.exit(1);
}
const poolSize = Number(values.pool);
if (!Number.isInteger(poolSize) || poolSize < 0 || poolSize > MOST_POOLED)
  usage(`--pool must be a number from 0 to ${MOST_POOLED}`);

const hold = Number(values.hold);
if (!Number.isInteger(hold) || hold < 1 || hold > 86_400) usage('--hold must be a number of seconds from 1 to 86400');

const slot = Number(values.slot);
if (!SLOTS.includes(slot)) usage(`--slot must be a number from 1 to ${SLOTS.length}`);

const folder = keeperFolder(dataDir, slot);
await mkdir(folder, { recursive: true, mode: 0o700 });
const log = fileLog(join(folder, 'keeper.log'), systemClock);

// The keeper owns every session of this machine: a fault in one operation must not end them all.
process.on('uncaughtException', (error) => log.error({ error }, 'an error was not handled'));
process.on('unhandledRejection', (error) => log.error({ error }, 'a rejection was not handled'));
// The keeper has no terminal, so a hangup means nothing to it.
process.on('SIGHUP', () => {});
process.on('SIGPIPE', () => {});

const start = async (): Promise<Keeper | null> => {
  const openHost = () =>
    openSandboxHost({
      ...{ dataDir, slot, clock: systemClock, ids: systemIds, log },
      ...{ isolation, network, networkPolicy, poolSize },
    });
  try {
    return await startKeeper({ dataDir, slot, clock: systemClock, log, hold_wait_ms: hold * 1000, openHost });
  } catch (error) {
    log.error({ error }, 'the keeper could not start');
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
};

const keeper = await start();
if (keeper) {
  // Written now, because the keeper may be killed later.
  flushCompileCache();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void keeper.stop(STOP_GRACE_MS));
  await keeper.ended;
  // Pending timers and promises must not keep an ended keeper alive.
  await systemClock.sleep(LAST_WORDS_MS);
}
process.exit(0);
