import { afterAll, expect, it } from 'vitest';
import type { Deps } from '#services/kernel/deps.ts';
import { driveEveryVerb } from './support/every-verb.ts';
import { openPlatform, type Platform } from './support/platform.ts';

let platform: Platform | null = null;
afterAll(() => platform?.close());

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
