import { noOutbound } from '../../support/no-outbound.ts';
import { createMemoryHub, memoryRelay } from '#drivers/relay/memory/memory.ts';
import { createBackground } from '#platform/background.ts';
import { planOn } from '#domain/plans.ts';
import { resourceKey } from '#domain/names.ts';
import { priceTable } from '#domain/prices.ts';
import type { Clock } from '#ports/clock.ts';
import { type Compute, ComputeUnavailable, type Given, type Observation } from '#ports/compute.ts';
import type { Logger } from '#ports/logger.ts';
import type { QueuedTask } from '#ports/queue.ts';
import type { Collection } from '#ports/store.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { createLanes } from '#services/kernel/lanes.ts';
import { COLLECTIONS } from '#services/model/collections.ts';
import { computesOf, storagesOf } from '#wiring/providers.ts';
import { createDispatcher } from '../../../functions/worker/dispatch.ts';
import { type CountingStore, countingStore } from '../../support/counting-store.ts';
import { Documents } from '../doubles/documents.ts';
import { simulatedSecrets } from '../doubles/plain.ts';
import { simulatedStore } from '../doubles/store.ts';

/** The control plane without faults. Time passes only when the test advances it. */
export interface Ideal {
  readonly deps: Deps;
  readonly documents: Documents;
  readonly reads: CountingStore;
  now(): number;
  pass(ms: number): void;
  /** Runs the tasks that are due, with other ports where they are given. */
  work(on?: Deps): Promise<void>;
  /** How often a document of this collection was written. */
  written(collection: Collection<unknown>): number;
  readonly provider: IdealProvider;
}

/** Events that a test causes at the provider. */
interface IdealProvider {
  /** Ends a session at the provider now. */
  end(session_id: string, reason?: string): void;
  /** From now on, only calls about these sessions fail. */
  fail(...session_ids: readonly string[]): void;
  /** The resources that later sessions get instead of the planned ones. */
  give(given: Given): void;
}

/** A logger that fails the test at a warning or error, unless `heard` accepts it. */
const logger = (heard: string[] | null): Logger => {
  const say: Logger['warn'] = (fields, text) => {
    if (heard === null) throw new Error(`${text}: ${JSON.stringify(fields)}`, { cause: fields['err'] });
    heard.push(text);
  };
  const log: Logger = { debug: () => undefined, info: () => undefined, warn: say, error: say, child: () => log };
  return log;
};

interface Body {
  readonly started_at: number;
  readonly given: Given | null;
  ended_at: number | null;
  reason: string | null;
}

/** Starts and ends resources at once, as the calls ask; each runs until it is removed or a test ends it. */
const idealCompute = (clock: Pick<Clock, 'now'>): { readonly compute: Compute; readonly provider: IdealProvider } => {
  const bodies = new Map<string, Body>();
  let failing: readonly string[] = [];
  let given: Given | null = null;
  const seen = (key: string): Observation => {
    if (failing.includes(key)) throw new ComputeUnavailable('the provider does not answer');
    const body = bodies.get(key);
    const state = body ? (body.ended_at === null ? 'running' : 'ended') : 'absent';
    const { started_at, ended_at, reason } = body ?? { started_at: null, ended_at: null, reason: null };
    const gave = body?.given ? { given: body.given } : {};
    return { state, started_at, ended_at, seen_at: clock.now(), reason, message: null, ...gave };
  };
  const refused = (): never => {
    throw new Error('nobody runs commands here');
  };
  const compute: Compute = {
    driver: 'gke',
    capabilities: {
      ...{ images: true, gpu: false, isolation: null, remembers_ended: true, announces_reclaim: false },
      ...{ volume_kind: 'pvc', bucket_kind: 'gcs', volume_access: 'one_node' },
    },
    plan: (spec) => planOn('gke', spec),
    ensure: async ({ key }) => {
      if (!bodies.has(key)) bodies.set(key, { started_at: clock.now(), given, ended_at: null, reason: null });
      return seen(key);
    },
    observe: async ({ key }) => seen(key),
    exec: async () => refused(),
    remove: async ({ key }) => {
      const body = bodies.get(key);
      if (body) body.ended_at ??= clock.now();
      return seen(key);
    },
    forget: async ({ key }) => void bodies.delete(key),
    list: async () => [],
  };
  const provider: IdealProvider = {
    end: (session_id, reason) => {
      const body = bodies.get(resourceKey(session_id));
      if (!body) throw new Error(`${session_id} does not run`);
      body.ended_at ??= clock.now();
      body.reason ??= reason ?? null;
    },
    fail: (...session_ids) => {
      failing = session_ids.map(resourceKey);
    },
    give: (other) => {
      given = other;
    },
  };
  return { compute, provider };
};

const nowhere = {
  ...{ ensure: async () => undefined, list: async () => [], usage: async () => null },
  remove: async () => 'gone' as const,
  isEmpty: async () => 'unknown' as const,
};

/** Cloud Tasks accepts no task further in the future. */
const FURTHEST_MS = 30 * 24 * 3_600_000;

/**
 * @param heard accepts warnings and errors; without it each of them fails the test
 * @param watch whether its store has watches
 */
export const openIdeal = (
  start: number,
  settings: Partial<Deps['settings']> = {},
  heard: string[] | null = null,
  watch = false,
): Ideal => {
  let now = start;
  let number = 0;
  const clock: Clock = {
    now: () => now,
    monotonic: () => now - start,
    sleep: async () => undefined,
    timer: () => ({ cancel: () => undefined }),
  };
  const documents = new Documents(COLLECTIONS);
  const writes = new Map<string, number>();
  documents.observe((changes) => {
    for (const { collection } of changes) writes.set(collection, (writes.get(collection) ?? 0) + 1);
  });
  const reads = countingStore(
    simulatedStore(documents, {
      ...{
        reach: async (_, effect) => effect(),
        pause: async () => undefined,
        tries: 3,
        watch,
        looks: () => true,
        copies: false,
      },
    }),
  );
  const { store } = reads;
  const { compute, provider } = idealCompute(clock);
  const log = logger(heard);
  let tasks: QueuedTask[] = [];
  const names = new Set<string>();
  const deps: Deps = {
    store,
    queue: {
      enqueue: async (task) => {
        const known = names.has(task.name);
        names.add(task.name);
        if (!known) tasks.push({ ...task, at: Math.min(task.at ?? now, now + FURTHEST_MS) });
        return !known;
      },
    },
    computes: computesOf([{ compute, names: ['gke'] }]),
    storages: storagesOf([
      { ...nowhere, provider: 'pvc', kind: 'volume', size_limit: 'hard' },
      { ...nowhere, provider: 'gcs', kind: 'bucket', size_limit: 'watched' },
    ]),
    secrets: simulatedSecrets,
    background: createBackground({ clock, log }),
    outbound: noOutbound,
    relay: memoryRelay({ hub: createMemoryHub(), clock }),
    clock,
    ids: {
      next: (prefix) => `${prefix}-${String(++number).padStart(26, '0')}`,
      random: (bytes) => new Uint8Array(bytes),
      fraction: () => 0.5,
    },
    log,
    settings: {
      ...{ version: 'ideal', mode: 'google-cloud', region: 'us-central1', deployment: 'ideal', prices: priceTable() },
      ...{ default_user_type: 'enterprise', longest_life_minutes: 1440, shadow_provider: null, retention_days: 7 },
      ...{ history_days: 90, sweep_after_ms: 60_000, start_timeout_ms: 120_000, meter_period_ms: 600_000 },
      ...{ terminate_period_ms: 60_000, public_url: 'http://ideal.test' },
      ...settings,
    },
    lanes: createLanes(store),
    rollups_since: 0,
  };
  return {
    deps,
    documents,
    reads,
    now: () => now,
    pass: (ms) => {
      now += ms;
    },
    work: async (on = deps) => {
      const handle = createDispatcher(on);
      for (;;) {
        const due = tasks.filter(({ at }) => at === undefined || at <= now);
        if (due.length === 0) return;
        tasks = tasks.filter((task) => !due.includes(task));
        await Promise.all(due.map((task) => handle({ ...task, attempt: 1 })));
      }
    },
    written: ({ name }) => writes.get(name) ?? 0,
    provider,
  };
};
