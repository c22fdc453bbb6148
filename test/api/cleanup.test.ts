import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemCall } from '#services/kernel/call.ts';
import { sessions } from '#services/model/collections.ts';
import { cleanupExpired } from '#services/sessions/cleanup.ts';
import { createSession } from '#services/sessions/create/create.ts';
import { openPlatform, type Platform } from './support/platform.ts';

const PAST = '2020-01-01T00:00:00.000Z';

let platform: Platform;
beforeAll(async () => {
  platform = await openPlatform(undefined, 'idle');
});
afterAll(() => platform?.close());

it('ends the expired sessions of one namespace, of one user, or of all', async () => {
  const { deps } = platform;
  const call = systemCall('test');
  const statuses = async (): Promise<(string | undefined)[]> =>
    Promise.all(ids.map(async (id) => (await deps.store.get(sessions, id))?.data.status));
  const ids: string[] = [];
  for (const [user, namespace] of [
    ['ann', 'one'],
    ['bob', 'one'],
    ['bob', 'two'],
  ] as const) {
    const { id } = await createSession(deps, call, { user, namespace, ttl_minutes: 60 });
    const doc = await deps.store.get(sessions, id);
    if (!doc) throw new Error('the session that was made is not in the store');
    await deps.store.put(sessions, id, { ...doc.data, expires_at: PAST, live_until: PAST });
    ids.push(id);
  }
  expect(await cleanupExpired(deps, call, { user: 'ann', namespace: 'two' })).toEqual({ cleaned: 0 });
  expect(await cleanupExpired(deps, call, { namespace: 'two' })).toEqual({ cleaned: 1 });
  expect((await statuses()).map((status) => status === 'terminating')).toEqual([false, false, true]);
  expect(await cleanupExpired(deps, call, { user: 'bob' })).toEqual({ cleaned: 1 });
  expect(await cleanupExpired(deps, call, {})).toEqual({ cleaned: 1 });
});
