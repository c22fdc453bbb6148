import { afterEach, expect, it } from 'vitest';
import type { Collection } from '#ports/store.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { accounts, audit, intents, ledger, sessions } from '#services/model/collections.ts';
import { driveEveryVerb } from './support/every-verb.ts';
import { openPlatform, type Platform } from './support/platform.ts';

let platform: Platform | null = null;
afterEach(async () => {
  await platform?.close();
  platform = null;
});

/** A queue that takes each task and then fails the call: the answer was lost on the way. */
const losing = (deps: Deps, lost: Set<string>): Deps => ({
  ...deps,
  queue: {
    enqueue: async (task) => {
      const isNew = await deps.queue.enqueue(task);
      // Where this one fails, its step is repeated by the sweep: shared/services/lifecycle/end-notice.test.ts.
      if (!isNew || task.task === 'session.notice') return isNew;
      lost.add(task.task);
      throw new Error('the answer was lost');
    },
  },
});

it('no verb and no job fails because a task could not be enqueued', async () => {
  const lost = new Set<string>();
  platform = await openPlatform((deps) => losing(deps, lost));
  const driven = await driveEveryVerb(platform, async () => undefined);
  expect(driven.verbs.filter((verb) => !driven.called.has(verb))).toEqual([]);
  // Each kind of task that a verb or a job enqueues was lost.
  expect([...lost].toSorted()).toEqual(['session.converge', 'session.expire', 'workspace.purge']);
});

/** A queue that delivers each task three times in the same moment. */
const tripling = (deps: Deps, seen: Set<string>): Deps => ({
  ...deps,
  queue: {
    enqueue: async (task) => {
      const isNew = await deps.queue.enqueue(task);
      if (!isNew) return false;
      seen.add(task.task);
      await Promise.all(['-b', '-c'].map((end) => deps.queue.enqueue({ ...task, name: `${task.name}${end}` })));
      return true;
    },
  },
});

const all = async <T>(deps: Deps, collection: Collection<T>): Promise<readonly T[]> =>
  (await deps.store.query(collection, { limit: 1000 })).docs.map(({ data }) => data);

const twice = (names: readonly string[]): readonly string[] => names.filter((name, i) => names.indexOf(name) !== i);

it('every verb and every job does once what each of its tasks does three times at once', async () => {
  const seen = new Set<string>();
  platform = await openPlatform((deps) => tripling(deps, seen));
  const { deps } = platform;
  await driveEveryVerb(platform, async () => undefined);
  expect([...seen]).toEqual(expect.arrayContaining(['session.converge', 'session.expire', 'workspace.purge']));
  expect(await all(deps, intents)).toEqual([]);
  const ended = await all(deps, sessions);
  expect(ended.filter(({ live }) => live).map(({ id }) => id)).toEqual([]);
  const entries = await all(deps, ledger);
  expect(entries.length).toBeGreaterThan(0);
  expect(twice(entries.map(({ session_id, storage_id, n }) => `${session_id} ${storage_id} ${n}`))).toEqual([]);
  const ends = (await all(deps, audit)).filter(({ action }) => /^session\.(running|terminated|failed)$/.test(action));
  expect(ends.length).toBeGreaterThan(0);
  expect(twice(ends.map(({ session_id, action }) => `${session_id} ${action}`))).toEqual([]);
  expect((await all(deps, accounts)).map(({ owner, live_sessions }) => [owner, live_sessions])).toEqual(
    (await all(deps, accounts)).map(({ owner }) => [owner, 0]),
  );
});
