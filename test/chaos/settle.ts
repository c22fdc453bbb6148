import { systemClock } from '#platform/clock.ts';
import { auditLedger } from './ledger-audit.ts';
import { remainsOf } from './orphans.ts';
import type { Service } from './service.ts';
import { auditCounters, auditEnds, type Documents, readDocuments } from './store-audit.ts';
import { keeperPids } from '../acceptance/support/server.ts';
import { count, pause, violation, type World } from './world.ts';

/** After the last restart nothing may be left without an owner for longer. */
const CONVERGE_MS = 60_000;
const LOOK_MS = 500;
/** Ready sandboxes that a keeper has in stock, one on its way included. */
const STOCK = 3;

/** What is there without an owner, by the documents of the store. */
const orphans = async (world: World, service: Service, docs: Documents): Promise<string[]> => {
  const keepers = await keeperPids(world.dataDir);
  const remains = remainsOf(world.dataDir, [...keepers, service.serverPid()]);
  const live = docs.sessions.filter((session) => session.live === true).length;
  const wrong: string[] = [];
  if (keepers.length > 1) wrong.push(`${keepers.length} keepers live`);
  if (remains.mounts.length > 0) wrong.push(`mounts of the machine: ${remains.mounts.join('; ')}`);
  const most = keepers.length > 0 ? live + STOCK : 0;
  const held = new Set(remains.sandboxes);
  if (remains.groups.length > most) wrong.push(`${remains.groups.length} control groups for ${live} sessions`);
  if (held.size > most) wrong.push(`${held.size} sandbox folders for ${live} sessions`);
  if (world.grouped) {
    for (const name of remains.groups) if (!held.has(name)) wrong.push(`control group ${name} has no folder`);
    for (const name of held) if (!remains.groups.includes(name)) wrong.push(`folder ${name} has no control group`);
  }
  for (const { pid, command, sandbox } of remains.processes) {
    if (keepers.length === 0) wrong.push(`process ${pid} is left: ${command}`);
    else if (sandbox !== null && !held.has(sandbox)) wrong.push(`process ${pid} of ${sandbox} is left: ${command}`);
  }
  if (keepers.length === 0 && remains.parents.length > 0)
    wrong.push(`control groups are left: ${remains.parents.join(', ')}`);
  if (remains.strays.length > 0) wrong.push(`stray files: ${remains.strays.join(', ')}`);
  const keys = new Set(docs.storage.map(({ key }) => key));
  for (const name of [...remains.volumes, ...remains.buckets])
    if (!keys.has(name)) wrong.push(`storage folder ${name} has no record`);
  return wrong;
};

/** Waits for `look` to find nothing wrong, and reports what it still finds at the end. */
const converged = async (world: World, what: string, look: () => Promise<string[]>): Promise<void> => {
  const begun = systemClock.monotonic();
  for (;;) {
    const wrong = await look();
    const took = Math.round((systemClock.monotonic() - begun) / 1000);
    if (wrong.length === 0) {
      count(world, `seconds until ${what}`, took);
      return;
    }
    if (systemClock.monotonic() - begun > CONVERGE_MS) {
      for (const one of wrong) violation(world, `${what}, not within a minute: ${one}`);
      return;
    }
    await pause(LOOK_MS);
  }
};

const read = (world: World): Documents => readDocuments(world.dataDir, systemClock.now() - CONVERGE_MS);

/** With sessions still alive: nothing without an owner, nothing unfinished; then the books of a server that is stopped. */
export const auditAlive = async (world: World, service: Service): Promise<void> => {
  await converged(world, 'only owned things are left', async () => {
    const docs = read(world);
    return [...(await orphans(world, service, docs)), ...auditEnds(docs)];
  });
  await service.terminate();
  books(world, 'with sessions alive');
  await service.start();
};

/** After every session has ended and everything is stopped: nothing at all. */
export const auditStopped = async (world: World, service: Service): Promise<void> => {
  await converged(world, 'nothing is left', async () => {
    const docs = read(world);
    const live = docs.sessions.filter((session) => session.live === true);
    return [
      ...live.map(({ id }) => `session ${id} lives`),
      ...(await orphans(world, service, docs)),
      ...auditEnds(docs),
    ];
  });
  await service.stop();
  books(world, 'at the end');
  await converged(world, 'the machine is as before', () => orphans(world, service, read(world)));
};

/** Counters against what they count, the ledger against what ran. */
const books = (world: World, when: string): void => {
  const docs = read(world);
  for (const wrong of [...auditCounters(docs), ...auditLedger(docs)]) violation(world, `${when}: ${wrong}`);
  count(world, 'ledger segments audited', docs.ledger.length);
  count(
    world,
    'nano-dollars audited',
    docs.ledger.reduce((total, entry) => total + entry.nano_usd, 0),
  );
};
