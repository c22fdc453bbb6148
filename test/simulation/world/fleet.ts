import { noOutbound } from '../../support/no-outbound.ts';
import { createMemoryHub, memoryRelay } from '#drivers/relay/memory/memory.ts';
import { createBackground } from '#platform/background.ts';
import { createLanes } from '#services/kernel/lanes.ts';
import type { Deps, Settings } from '#services/kernel/deps.ts';
import { sweepIntents } from '#services/sweeps/intents.ts';
import { computesOf, LOCAL_NAMES, storagesOf } from '#wiring/providers.ts';
import { startSchedule } from '../../../functions/standalone/schedule.ts';
import { JOBS, runJob } from '../../../functions/scheduler/jobs.ts';
import { createDispatcher } from '../../../functions/worker/dispatch.ts';
import type { Cloud } from '../doubles/cloud.ts';
import { type ComputeManners, type Reachability, simulatedCompute } from '../doubles/compute.ts';
import { simulatedLogger, simulatedSecrets } from '../doubles/plain.ts';
import { SimulatedQueue } from '../doubles/queue.ts';
import type { SimulatedStorage } from '../doubles/storage.ts';
import type { Keeping } from './keeping.ts';
import { MOST_SKEW_MS, Process, type Universe } from './process.ts';

export type Role = 'api' | 'worker' | 'scheduler';

/** The parts of the deployment that survive the crash of a process. */
export interface Ground {
  readonly universe: Universe;
  readonly keeping: Keeping;
  readonly cloud: Cloud;
  readonly reachability: Reachability;
  readonly drivers: readonly ComputeManners[];
  readonly storage: readonly SimulatedStorage[];
  readonly settings: Settings;
  readonly refuses: (session_id: string) => boolean;
}

interface Member {
  readonly roles: readonly Role[];
  readonly label: string;
  process: Process;
  deps: Deps;
  lives: number;
}

/** The processes of a deployment. After a crash a process starts again with only the stored data. */
export class Fleet {
  readonly #ground: Ground;
  readonly #members: Member[] = [];
  readonly queue: SimulatedQueue;
  readonly #hub = createMemoryHub();
  crashes = 0;

  constructor(ground: Ground, layout: readonly (readonly Role[])[]) {
    this.#ground = ground;
    this.queue = new SimulatedQueue(ground.universe, () =>
      this.#members
        .filter(({ roles }) => roles.includes('worker'))
        .map(({ process, deps }) => ({ process, handle: createDispatcher(deps) })),
    );
    for (const [i, roles] of layout.entries()) {
      const label = `${roles.length > 1 ? 'server' : (roles[0] ?? 'process')}${i + 1}`;
      const { process, deps } = this.#spawn(label, 1);
      const member = { roles, label, process, deps, lives: 1 };
      this.#members.push(member);
      this.#begin(member);
    }
  }

  /** A process that can answer requests now, or null. */
  api(): { readonly process: Process; readonly deps: Deps } | null {
    const alive = this.#members.filter(({ roles, process }) => roles.includes('api') && process.alive);
    return alive.length === 0 ? null : this.#ground.universe.random.pick(alive);
  }

  crashOne(): void {
    const alive = this.#members.filter(({ process }) => process.alive);
    if (alive.length > 0) this.#ground.universe.random.pick(alive).process.crash('killed');
  }

  #begin(member: Member): void {
    const { universe } = this.#ground;
    const { process, deps, roles } = member;
    process.onDeath(() => {
      this.crashes += 1;
      const down = universe.chaos.calm ? 1_000 : universe.random.whole(200, universe.random.pick([3_000, 40_000]));
      universe.timeline.after(down, () => {
        member.lives += 1;
        Object.assign(member, this.#spawn(member.label, member.lives));
        this.#begin(member);
      });
    });
    if (!roles.includes('scheduler')) return;
    const start = async (): Promise<void> => {
      await sweepIntents(deps, true);
      for (const job of JOBS) await runJob(deps, job);
      startSchedule(deps, () => undefined);
    };
    // A service manager restarts a server that could not start.
    start().catch(() => process.crash('its start failed'));
  }

  #spawn(label: string, life: number): { process: Process; deps: Deps } {
    const { universe, keeping, cloud, reachability, drivers, storage, settings } = this.#ground;
    const { random } = universe;
    const skew = random.chance(0.3) ? 0 : random.whole(-MOST_SKEW_MS, MOST_SKEW_MS);
    const process = new Process(universe, life === 1 ? label : `${label}.${life}`, skew);
    const store = keeping.store(process);
    const computes = computesOf(
      drivers.map((manners) => ({
        compute: simulatedCompute(universe, process, manners, cloud, reachability, this.#ground.refuses),
        names: manners.driver === 'local' ? LOCAL_NAMES : ['auto', manners.driver],
      })),
    );
    const log = simulatedLogger(universe, process);
    const deps: Deps = {
      store,
      queue: this.queue.for(process),
      computes,
      storages: storagesOf(storage.map((each) => each.for(process))),
      secrets: simulatedSecrets,
      background: createBackground({ clock: process.clock, log }),
      outbound: noOutbound,
      relay: memoryRelay({ hub: this.#hub, clock: process.clock }),
      clock: process.clock,
      ids: process.ids,
      log,
      settings,
      lanes: createLanes(store),
      rollups_since: 0,
    };
    return { process, deps };
  }
}
