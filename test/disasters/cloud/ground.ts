import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditLedger } from '../../chaos/ledger-audit.ts';
import { remainsOf } from '../../chaos/orphans.ts';
import { randomFrom } from '../../chaos/random.ts';
import { auditCounters, auditEnds, type Documents } from '../../chaos/store-audit.ts';
import { verifyAcknowledged } from '../../chaos/verify.ts';
import { newWorld, type Patience, pause, type World } from '../../chaos/world.ts';
import type { Program } from '../../cloud-local/processes.ts';
import { startTopology, type Topology } from '../../cloud-local/topology.ts';
import type { Faults } from '../../support/cloud-tasks/faults.ts';
import type { Counts } from '../../support/cloud-tasks/world.ts';
import { connectedKeeper } from '../../support/deployment.ts';
import { freePort } from '../../support/free-port.ts';
import { auditSandboxes, auditSpans, countLate, readCloudDocuments, type Sandbox } from './books.ts';
import { Killer } from './killer.ts';
import { openTaps, type Taps } from './taps.ts';

// Google's clients ask a link-local address otherwise.
process.env['METADATA_SERVER_DETECTION'] = 'none';

/**
 * A document that a killed function has locked is locked for a minute, and may be met by the next kill. A task that was
 * lost is brought back by the sweep after a minute. A call that a user gave up might still be at work in an api that
 * lives, and take effect after its repeat, so that each call has longer than an api may need.
 */
const PATIENCE: Patience = { call_ms: 200_000, answer_ms: 400_000, again_ms: 500, end_ms: 400_000, look_ms: 500 };
/** Lines of the logs that are printed of what is wrong. */
const MOST_LINES = 60;
const LONGEST_LINE = 400;
/** After a disaster all that it left must be dealt with: a lock, a lease and a sweep, one after another. */
const CONVERGE_MS = 400_000;
const LOOK_MS = 1_000;

const SETTINGS: NodeJS.ProcessEnv = {
  ONMEMOS_SHADOW_PROVIDER: 'gke',
  // A session that does not come to run is a finding, and is not to fail before it can be told.
  ONMEMOS_START_TIMEOUT_SECONDS: '900',
  ONMEMOS_LOG_LEVEL: 'info',
};

export interface GroundOptions {
  readonly seed?: number;
  readonly scheduleMs?: number;
  readonly triggerArgs?: readonly string[];
}

/** A deployment on this machine whose parts can be taken away, and what its users were told. */
export interface Ground {
  readonly world: World;
  readonly killer: Killer;
  readonly taps: Taps;
  readonly topology: Topology;
  program(name: string): Program;
  setFaults(faults: Partial<Faults>): Promise<void>;
  counts(): Promise<Counts>;
  documents(): Promise<Documents>;
  /** What the keeper has. */
  sandboxes(): Promise<readonly Sandbox[]>;
  /** Asks, once nothing is under way any more, what must hold after each disaster. @returns what does not */
  questions(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export const openGround = async ({
  seed = 1,
  scheduleMs = 3_000,
  triggerArgs = [],
}: GroundOptions): Promise<Ground> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'onmemos-d-'));
  const world = newWorld(dataDir, randomFrom(seed), PATIENCE);
  let topology: Topology | null = null;
  const killer = new Killer(world.random.fork(), () => topology?.programs ?? new Map());
  const taps = openTaps(killer.gate);
  topology = await startTopology({
    port: await freePort(),
    dataDir,
    project: 'onmemos-disasters',
    buckets: false,
    settings: SETTINGS,
    settingsOf: taps.settingsOf,
    scheduleMs,
    triggerArgs,
  });
  const { url, key, programs, tasksPages, emulatorHost, project } = topology;
  const opened = topology;
  world.address = { url, key };
  const keeper = await connectedKeeper(dataDir);

  const pages = async (path: string, body?: object): Promise<unknown> => {
    const put = body === undefined ? {} : { method: 'PUT', body: JSON.stringify(body) };
    const answer = await fetch(`${tasksPages}${path}`, put);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const documents = (): Promise<Documents> => readCloudDocuments(emulatorHost, project);

  const sandboxes = async (): Promise<readonly Sandbox[]> =>
    ((await keeper.call('list', {})) ?? []) as readonly Sandbox[];

  /** What has no owner, and what is not finished. */
  const left = async (): Promise<string[]> => {
    const found = await sandboxes();
    // After the list: what is made in between is on record.
    const docs = await documents();
    const known = new Set(found.map((sandbox) => sandbox.key));
    const remains = remainsOf(dataDir, []);
    return [
      ...auditEnds(docs),
      ...auditSandboxes(docs, found),
      ...remains.sandboxes.filter((name) => !known.has(name)).map((name) => `folder ${name} has no sandbox`),
      ...remains.processes
        .filter(({ sandbox }) => sandbox !== null && !known.has(sandbox))
        .map(({ pid, command, sandbox }) => `process ${pid} of ${sandbox} is left: ${command}`),
    ];
  };

  /** What the functions have logged of these sessions: the folder is removed at the end. */
  const logged = (wrong: readonly string[]): string => {
    const ids = [...new Set(wrong.flatMap((one) => one.match(/ses-[0-9a-z]+/g) ?? []))];
    const lines = [...programs.values()].flatMap(({ name, log }) =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => ids.some((id) => line.includes(id)))
        .map((line) => `${/"time":"([^"]+)"/.exec(line)?.[1] ?? ''} ${name} ${line}`.slice(0, LONGEST_LINE)),
    );
    return lines.toSorted().slice(-MOST_LINES).join('\n');
  };

  const questions = async (): Promise<readonly string[]> => {
    const began = performance.now();
    let wrong = await left();
    while (wrong.length > 0 && performance.now() - began < CONVERGE_MS) {
      await pause(LOOK_MS);
      wrong = await left();
    }
    await verifyAcknowledged(world, true);
    const docs = await documents();
    world.counts.set('sandboxes made after the end of their session', countLate(docs, taps.witness));
    const on = new Set(docs.sessions.map(({ id }) => id));
    const lost = [...world.sessions.keys()].filter((id) => !on.has(id)).map((id) => `session ${id} is lost`);
    const all = [
      ...wrong,
      ...lost,
      ...auditCounters(docs),
      ...auditLedger(docs),
      ...auditSpans(docs, taps.witness),
      ...world.violations,
    ];
    world.violations.length = 0;
    if (all.length > 0) console.log(logged(all));
    return all;
  };

  return {
    world,
    killer,
    taps,
    topology,
    program: (name) => {
      const found = programs.get(name);
      if (found === undefined) throw new Error(`there is no program ${name}`);
      return found;
    },
    setFaults: async (faults) => void (await pages('/faults', faults)),
    counts: async () => (await pages('/counts')) as Counts,
    documents,
    sandboxes,
    questions,
    stop: async () => {
      keeper.close();
      await opened.stop();
      await taps.stop();
      await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
};
