import { isTerminal } from '#domain/lifecycle.ts';
import { epochMs } from '#ports/clock.ts';
import { systemCall } from '#services/kernel/call.ts';
import { COLLECTIONS } from '#services/model/collections.ts';
import { putUser } from '#services/users/put.ts';
import { Cloud } from './doubles/cloud.ts';
import { Reachability } from './doubles/compute.ts';
import { Documents } from './doubles/documents.ts';
import { SimulatedStorage } from './doubles/storage.ts';
import { Random } from './kernel/random.ts';
import { Timeline } from './kernel/timeline.ts';
import { Trace } from './kernel/trace.ts';
import { Bills } from './oracle/bills.ts';
import { Lifecycle } from './oracle/lifecycle.ts';
import { Limits } from './oracle/limits.ts';
import { Notices } from './oracle/notices.ts';
import { Records } from './oracle/records.ts';
import { Resources } from './oracle/resources.ts';
import { Bench } from './oracle/witness.ts';
import { nextAction, type Stage, workspaceFor } from './world/actions.ts';
import { chaosOf } from './world/chaos.ts';
import { ask } from './world/client.ts';
import { Fleet } from './world/fleet.ts';
import { inMemory, type Keep } from './world/keeping.ts';
import { peopleOf } from './world/people.ts';
import { MOST_ERROR_MS, type Universe } from './world/process.ts';
import { settingOf } from './world/setting.ts';

export interface Outcome {
  readonly seed: number;
  readonly failure: unknown;
  readonly lines: () => readonly string[];
  /** Counts of events by name, which show whether the schedules cover what they must cover. */
  readonly counts: ReadonlyMap<string, number>;
}

const ACTIONS = 30;
const RUN_ON_MS = 120_000;
const STEP_MS = 5_000;
/** How long after a user's request storage may still be marked for removal: retries and a stalled process. */
const DELETING_MS = 150_000;
const LONGEST_MS = 30 * 60_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Time for the next round of reconcile, also on a clock that is behind. */
const RECONCILED_MS = 90_000;

/**
 * One random schedule. The same seed gives the same events in the same order.
 * @param everything whether its trace keeps all events, and not only the last
 */
export const runSchedule = async (seed: number, everything = false, keep: Keep = inMemory): Promise<Outcome> => {
  const random = new Random(seed);
  const setting = settingOf(random);
  const chaos = chaosOf(random);
  const timeline = new Timeline(random, setting.start);
  const trace = new Trace(everything, setting.start);
  const universe: Universe = { random, timeline, trace, chaos };
  const bench = new Bench(universe);
  const documents = new Documents(COLLECTIONS);
  const records = new Records(documents);

  const lifecycle = new Lifecycle(bench, records);
  const resources = new Resources(bench, records, lifecycle);
  const cloud = new Cloud(universe, setting.manners, resources);
  const deletions = new Map<string, number>();
  resources.watch(cloud, ({ id }) => timeline.now - (deletions.get(id) ?? 0) < DELETING_MS);
  const remembers = (driver: string): boolean => setting.manners.memory[driver] === 'keeper';
  const bills = new Bills(bench, resources, remembers, setting.settings.region);
  const limits = new Limits(bench, records);
  const rules = [lifecycle, resources, bills, limits, new Notices(bench, records)];
  documents.observe((changes) => {
    for (const { collection, id, before, after } of changes) {
      const status = (after as { status?: string } | null)?.status;
      trace.add(
        timeline.now,
        'store',
        `${after ? (before ? 'changes' : 'makes') : 'removes'} ${collection}/${id}`,
        status,
      );
    }
    for (const rule of rules) rule.committed(changes);
  });

  const witness = {
    removed: (key: string) => resources.bytesRemoved(key),
    held: (key: string, since: number) => lifecycle.written(key, since),
  };
  const storage = setting.storage.map((manners) => new SimulatedStorage(universe, manners, witness));
  const refused = new Set<string>();
  const keeping = await keep({ universe, documents, watch: setting.watch });
  const fleet = new Fleet(
    {
      universe,
      keeping,
      cloud,
      reachability: new Reachability(universe),
      drivers: setting.drivers,
      storage,
      settings: setting.settings,
      refuses: (id) => {
        if (!refused.has(id) && !refused.has(`not ${id}`))
          refused.add(random.chance(0.04) && !chaos.calm ? id : `not ${id}`);
        return refused.has(id);
      },
    },
    setting.layout,
  );

  const people = peopleOf(random, setting.manners.fuse);
  trace.add(timeline.now, 'world', `seed ${seed}`, { setting: { ...setting, start: undefined }, chaos, people });
  const stage: Stage = {
    random,
    focus: random.pick(['everything', 'everything', 'storage', 'revival', 'ends'] as const),
    people,
    sessions: () => [...lifecycle.known.values()],
    deleting: (id) => deletions.set(id, timeline.now),
    created: (id) => lifecycle.acknowledged(id),
    refused: (delivery) => lifecycle.refused(delivery),
  };

  const live = async (): Promise<void> => {
    for (const person of people) {
      await ask(universe, fleet, {
        what: `user ${person.id}`,
        user: null,
        operation: 'users.put',
        retries: 50,
        run: (deps) =>
          putUser(deps, systemCall('world'), {
            user_id: person.id,
            user_type: person.type,
            monthly_budget_usd: person.budget_usd,
            budget_action: person.action,
            ...(person.sessions === null ? {} : { max_concurrent_sessions: person.sessions }),
          }),
      });
    }
    for (const [i, person] of people.entries()) {
      if (random.chance(0.75)) await ask(universe, fleet, workspaceFor(stage, person, 'lab', -i - 1));
    }
    const span = random.pick([60_000, 180_000, 300_000]);
    for (let number = 1; number <= ACTIONS; ) {
      await timeline.sleep(random.chance(0.3) ? random.whole(0, 30) : random.whole(0, (span * 2) / ACTIONS));
      const rush = random.chance(0.1) ? random.whole(2, 5) : 1;
      for (let i = 0; i < rush; i++) {
        const action = nextAction(stage, number++);
        if (action) void ask(universe, fleet, action).then(({ kind }) => bench.count(`answers ${kind}`));
      }
      if (chaos.crash > 0 && random.chance(0.03)) fleet.crashOne();
    }
  };

  try {
    let lived = false;
    void live().then(
      () => {
        lived = true;
      },
      (error: unknown) => timeline.fail(error),
    );
    while (!lived) await timeline.runUntil(timeline.now + STEP_MS);
    await timeline.runUntil(timeline.now + random.whole(0, 60_000));

    chaos.calm = true;
    trace.add(timeline.now, 'world', 'CALM');
    const calm = Math.max(timeline.now, chaos.standstill);
    // Work that was running when the schedule became calm may still start other work.
    const over = (): number =>
      Math.max(
        calm,
        ...records
          .sessions()
          .filter(({ status }) => !isTerminal(status))
          .map(({ expires_at }) => epochMs(expires_at) + MOST_ERROR_MS),
      );
    for (let last = over(); timeline.now < last + RUN_ON_MS; last = Math.max(last, over())) {
      // A session that never ends must not keep the schedule running.
      if (timeline.now > calm + LONGEST_MS) break;
      await timeline.runUntil(timeline.now + STEP_MS);
      resources.calm(calm);
    }
    lifecycle.ended();
    limits.ended();
    const kept_ms = Math.max(setting.settings.retention_days * DAY_MS, MINUTE_MS) + RECONCILED_MS;
    resources.over(storage.flatMap((each) => each.left(kept_ms)));
    await timeline.runUntil(timeline.now + 1);
    for (const [name, times] of Object.entries(await keeping.end())) bench.count(name, times);
  } catch (error) {
    return { seed, failure: error, lines: () => trace.lines(), counts: bench.counts };
  } finally {
    await keeping.close();
  }
  bench.count('events', timeline.events);
  bench.count('virtual ms', timeline.now - setting.start);
  bench.count('commits', documents.commits);
  bench.count('crashes', fleet.crashes);
  bench.count('clock steps', chaos.steps);
  for (const [name, times] of Object.entries(fleet.queue.counts)) bench.count(`tasks ${name}`, times);
  for (const [name, times] of Object.entries(cloud.counts)) bench.count(`resources ${name}`, times);
  return { seed, failure: null, lines: () => trace.lines(), counts: bench.counts };
};
