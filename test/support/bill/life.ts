import { systemClock } from '#platform/clock.ts';
import { iso } from '#ports/clock.ts';
import type { QueuedTask } from '#ports/queue.ts';
import type { Store } from '#ports/store.ts';
import { bootstrapAdminKey } from '#services/keys/bootstrap.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { createLanes } from '#services/kernel/lanes.ts';
import { execKey, execs, intentKey, sessions } from '#services/model/collections.ts';
import { meterSessions } from '#services/sweeps/meter.ts';
import { prune } from '#services/sweeps/prune.ts';
import { reconcile } from '#services/sweeps/reconcile.ts';
import { createDispatcher } from '../../../functions/worker/dispatch.ts';
import { takeUpIntent } from '../../../functions/worker/events.ts';
import { type Client, clientOf } from '../../api/support/client.ts';
import { openPlatform, type Platform } from '../../api/support/platform.ts';
import { apiOver } from '../../api/support/world.ts';
import { type Documents, isEmpty } from './documents.ts';

export const COMMANDS = 10;
export const MINUTES = 30;
/** On Google Cloud: the meter’s period in minutes. */
const METERED = 10;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export interface CountedStore {
  /** One store behind all parts, so that nothing of a life is left out. */
  readonly store: Store;
  /** The same documents, without a count. */
  readonly plain: Store;
  /** What went through the store since the last call. */
  taken(): Documents;
}

interface Part {
  /** One word, for the figure. */
  readonly id: string;
  readonly name: string;
  readonly documents: Documents;
}

export interface Life {
  /** What its parts read, wrote and deleted. */
  readonly parts: readonly Part[];
  /** Calls of the queue, also those that found the task there. */
  readonly enqueued: number;
  /** Tries to deliver: each task succeeds at its first one. */
  readonly delivered: number;
  /** Intents that the trigger of the store told of. */
  readonly events: number;
}

export interface Lives {
  readonly platform: Platform;
  /** One life, from its create to its last record. @throws Error where a part of it went wrong */
  live(): Promise<Life>;
  close(): Promise<void>;
}

const must = (holds: boolean, what: string, seen: unknown): void => {
  if (!holds) throw new Error(`${what}: ${JSON.stringify(seen)}`);
};

/** What the queue was given. */
interface Queued {
  calls: number;
  tasks: QueuedTask[];
}

/** The services as on Google Cloud, over real sandboxes, and a queue that works its tasks off by itself. */
export const openLives = async (count: (given: Deps) => CountedStore): Promise<Lives> => {
  const queued: Queued = { calls: 0, tasks: [] };
  let counted: CountedStore | null = null;
  const platform = await openPlatform((given) => {
    counted = count(given);
    const { store } = counted;
    const enqueue = async (task: QueuedTask): Promise<boolean> => {
      queued.calls += 1;
      const took = await given.queue.enqueue(task);
      if (took) queued.tasks.push(task);
      return took;
    };
    const settings = { ...given.settings, mode: 'google-cloud' as const };
    return { ...given, settings, store, lanes: createLanes(store), queue: { enqueue } };
  });
  if (counted === null) throw new Error('the platform has no store');
  const { deps } = platform;
  const { plain, taken }: CountedStore = counted;
  const admin = await bootstrapAdminKey({ ...deps, store: plain }, 'admin', async () => {});
  const made = await clientOf(apiOver(platform), admin)('/v1/keys', { body: { name: 'ann’s', user_id: 'ann' } });
  const call = clientOf(apiOver(platform), (made.json as { secret: string }).secret);
  // The user’s account, default workspace and sums of the month are made once, not in each life.
  const { id } = (await call('/v1/sessions?wait=60', { body: {} })).json as { id: string };
  await call(`/v1/sessions/${id}?wait=60`, { method: 'DELETE' });
  await whatWentBy(taken, async () => undefined);
  await plain.delete(sessions, id);
  return {
    platform,
    live: () => liveOnce({ deps, call, plain, taken, queued }),
    close: () => platform.close(),
  };
};

/** Does something, and takes what goes through the store until nothing does any more. */
const whatWentBy = async (taken: () => Documents, work: () => Promise<unknown>): Promise<Documents> => {
  taken();
  await work();
  const all: string[] = [];
  for (let still = 0; still < 4; ) {
    await systemClock.sleep(50);
    const some = taken();
    all.push(...some);
    still = some.length === 0 ? still + 1 : 0;
  }
  return all;
};

interface Setting {
  readonly deps: Deps;
  readonly call: Client;
  readonly plain: Store;
  readonly taken: () => Documents;
  readonly queued: Queued;
}

const liveOnce = async ({ deps, call, plain, taken, queued }: Setting): Promise<Life> => {
  const parts: Part[] = [];
  const part = async (id: string, name: string, work: () => Promise<unknown>): Promise<void> => {
    parts.push({ id, name, documents: await whatWentBy(taken, work) });
  };
  const later = (ms: number): Deps => ({ ...deps, clock: { ...deps.clock, now: () => deps.clock.now() + ms } });
  /** A round of a job. What it costs where it finds nothing is of the deployment, and not of a life: `bill.idle`. */
  const rounds = async (id: string, name: string, work: () => Promise<void>): Promise<void> => {
    const documents = await whatWentBy(taken, work);
    parts.push({ id, name, documents: documents.filter((each) => !isEmpty(each) && !each.endsWith(' places')) });
  };
  let events = 0;
  /** The trigger tells of an intent once it is written. */
  const event = async (session: string, generation: number): Promise<void> => {
    events += 1;
    must(await takeUpIntent(deps, `intents/${intentKey(session, generation)}`), 'the event was refused', session);
  };
  let id = '';
  [queued.calls, queued.tasks] = [0, []];
  await part('create', 'create with key and wait, and provision', async () => {
    const headers = { 'Idempotency-Key': `life-${deps.ids.next('key')}` };
    const { json } = await call('/v1/sessions?wait=60', { body: {}, headers });
    must((json as { status?: string }).status === 'running', 'the session does not run', json);
    ({ id } = json as { id: string });
    await event(id, 1);
  });
  await part('commands', `${COMMANDS} commands with keys`, async () => {
    for (let n = 0; n < COMMANDS; n++) {
      const headers = { 'Idempotency-Key': `command-${id}-${n}` };
      const { json } = await call(`/v1/sessions/${id}/execute`, { body: { command: 'true' }, headers });
      const { exec_id, returncode } = json as { exec_id: string; returncode?: number };
      must(returncode === 0, 'the command failed', json);
      while ((await plain.get(execs, execKey(id, exec_id)))?.data.status === 'running') await systemClock.sleep(10);
    }
  });
  await rounds('meter', `meter, every ${METERED} minutes`, async () => {
    for (let minute = METERED; minute <= MINUTES; minute += METERED) {
      const doc = await plain.get(sessions, id);
      if (doc) await plain.put(sessions, id, { ...doc.data, meter_due: iso(deps.clock.now() - 1) });
      const metered = await meterSessions(deps);
      must(metered.looked === 1 && metered.failed === 0, 'the session was not metered', metered);
    }
  });
  await rounds('reconcile', 'reconcile, every minute', async () => {
    for (let minute = 0; minute < MINUTES; minute++)
      await reconcile({ ...later(minute * MINUTE_MS), storages: { ...deps.storages, all: [] } });
  });
  await part('end', 'delete, to the last record', async () => {
    const { json } = await call(`/v1/sessions/${id}?wait=60`, { method: 'DELETE' });
    must((json as { status?: string }).status === 'terminated', 'the session has not ended', json);
    await event(id, 2);
  });
  await part('late', 'tasks of its end, which come after it', async () => {
    const handle = createDispatcher(later(DAY_MS));
    const ahead = queued.tasks.filter(({ at }) => at !== undefined && at > deps.clock.now());
    must(ahead.length > 0, 'no task is due later', queued.tasks);
    for (const task of ahead) await handle({ ...task, attempt: 1 });
  });
  await rounds('records', 'out of the lists and off the record', async () => {
    await prune(later(DAY_MS + MINUTE_MS));
    await prune(later((deps.settings.history_days + 1) * DAY_MS));
  });
  // Nothing of it is left but its ledger and audit.
  must((await plain.get(sessions, id)) === null, 'the session is still on record', id);
  return { parts, enqueued: queued.calls, delivered: queued.tasks.length, events };
};
