import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#platform/clock.ts';
import { startActors, USERS, VOLUME_OWNER, VOLUME_WORKSPACE } from './actors.ts';
import { answered } from './call.ts';
import { expireAlone } from './limits.ts';
import { randomFrom } from './random.ts';
import { type Service, serviceOf } from './service.ts';
import { create, end, inSession, running } from './sessions.ts';
import { auditAlive, auditStopped } from './settle.ts';
import { isEnded } from './tracked-session.ts';
import { awaitFailures, verifyAcknowledged } from './verify.ts';
import { count, newWorld, pause, violation, type World } from './world.ts';

export interface Options {
  readonly rounds: number;
  readonly seed: number;
  /** As `ONMEMOS_ISOLATION` has it. */
  readonly isolation: string;
  readonly progress: (round: number, world: World) => void;
}

export interface Outcome {
  readonly counts: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
  readonly seconds: number;
  readonly dataDir: string;
}

/** How long actors may take to finish what they are at. */
const CLOSING_MS = 90_000;

/** Runs of so many rounds also have what takes a while: Python, and a session whose time comes. */
const LONG_RUN = 50;

const prepare = async (world: World): Promise<void> => {
  const body = {
    user_id: VOLUME_OWNER,
    workspace_id: VOLUME_WORKSPACE,
    name: 'Kept',
    resource_package: 'dev_micro',
  };
  await answered(world, { method: 'POST', path: '/v1/workspaces', body, idempotencyKey: 'kept' });
};

/** The first session with Python takes many times longer than a keeper lives here. */
const preparePython = async (world: World): Promise<void> => {
  const session = await create(world, world.random, { user: 'pia', image_spec: { image_type: 'python' } });
  if (!session) return;
  world.python = (await running(world, session)) !== null;
  await end(world, world.random, session);
};

/** One kill at some moment, the restart, and a look at everything that was acknowledged before. */
const round = async (world: World, service: Service): Promise<void> => {
  const { random } = world;
  await pause(random.whole(0, 900));
  const what = random.pick(['server', 'server', 'server', 'server', 'server', 'server', 'keeper', 'both'] as const);
  if (what !== 'keeper' && random.chance(0.15)) await service.askToStop(random.whole(0, 300));
  await service.kill(what);
  // The keeper that comes next is at its sweep.
  if (what === 'keeper' && random.chance(0.4)) {
    await pause(random.whole(0, 500));
    await service.kill('keeper');
  }
  if (what !== 'keeper') {
    for (let chance = 0.2; random.chance(chance); chance /= 2) await service.startAndKill(random.whole(0, 1_200));
    await service.start();
  }
  await verifyAcknowledged(world, false);
};

/** Lets actors finish. A closing actor that hangs is a violation, and must not hang the run. */
const close = async (world: World, actors: Promise<unknown>): Promise<void> => {
  world.closing = true;
  const done = await Promise.race([actors.then(() => true), pause(CLOSING_MS).then(() => false)]);
  if (!done) violation(world, `actors did not come to an end within ${CLOSING_MS / 1000} s`);
  world.over = true;
  await Promise.race([actors, pause(5_000)]);
  world.over = false;
};

/** Sessions that live on through the audit, and are then seen to work. */
const survivors = async (world: World): Promise<void> => {
  for (const user of USERS) {
    const session = await create(world, world.random, { user });
    const seen = session ? await running(world, session) : null;
    const details = Object(seen?.['details']) as { limits?: { cpu?: string } };
    world.grouped = details.limits?.cpu === 'hard';
  }
};

const endAll = async (world: World): Promise<void> => {
  for (const session of world.sessions.values()) {
    if (isEnded(session.status)) continue;
    if (await running(world, session)) {
      await inSession(world, session, { method: 'POST', path: '/execute', body: { command: 'true' } });
      count(world, 'survivors that still work');
    }
    await end(world, world.random, session);
  }
  const path = `/v1/workspaces/${VOLUME_OWNER}/${VOLUME_WORKSPACE}?force=true`;
  await answered(world, { method: 'DELETE', path });
};

/** Torments a service for some rounds, then audits it alive and after its end. */
export const runChaos = async ({ rounds, seed, isolation, progress }: Options): Promise<Outcome> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'onmemos-chaos-'));
  const world = newWorld(dataDir, randomFrom(seed));
  const service = serviceOf(world, isolation);
  const begun = systemClock.monotonic();
  try {
    // The very first starts too: what they make once must be made whole.
    for (let i = 0; i < 3; i++) await service.startAndKill(world.random.whole(300, 1_500));
    await service.start();
    await prepare(world);
    if (rounds >= LONG_RUN) await preparePython(world);
    const actors = startActors(world);
    for (let i = 1; i <= rounds; i++) {
      await round(world, service);
      count(world, 'rounds');
      progress(i, world);
    }
    await close(world, actors);
    await awaitFailures(world);
    if (rounds >= LONG_RUN) await expireAlone(world, world.random, service);
    await survivors(world);
    await auditAlive(world, service);
    await verifyAcknowledged(world, true);
    await endAll(world);
    await auditStopped(world, service);
  } catch (error) {
    violation(world, `the run broke off: ${error instanceof Error ? error.stack : String(error)}`);
    world.over = true;
    await service.stop().catch(() => service.kill('both'));
  }
  if (world.violations.length === 0) await rm(dataDir, { recursive: true, force: true });
  else await writeFile(join(dataDir, 'chaos.log'), service.printed());
  return {
    counts: Object.fromEntries(world.counts),
    violations: world.violations,
    seconds: Math.round((systemClock.monotonic() - begun) / 1000),
    dataDir,
  };
};
