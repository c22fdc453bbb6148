import { afterAll, beforeAll, expect, it } from 'vitest';
import { OnMemOSClient } from '../../sdk/typescript/src/index.ts';
import { type RunningServer, startServer, stopServer } from '../acceptance/support/server.ts';

let server: RunningServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => stopServer(server));

/** A client that loses the first answers of creates: the server has done what it was asked. */
const losing = (lost: number): OnMemOSClient => {
  let left = lost;
  const lossy: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (init?.method !== 'POST' || left-- <= 0) return response;
    throw new TypeError('fetch failed');
  };
  return new OnMemOSClient({ baseUrl: server.url, apiKey: server.key, fetch: lossy });
};

it.each([0, 1, 2])('a key comes with its secret, and once, though %s answers were lost', async (lost) => {
  const client = losing(lost);
  const name = `lost-${lost}`;
  const key = await client.keys.create({ name, user_id: 'ann' });
  expect(key.secret).toMatch(/^omk_/);
  const named = (await client.keys.list().all()).filter((one) => one.name === name && one.revoked_at === null);
  expect(named.map(({ key_id }) => key_id)).toEqual([key.key_id]);
  const as = new OnMemOSClient({ baseUrl: server.url, apiKey: key.secret ?? '' });
  expect((await as.info()).user_id).toBe('ann');
});

it.each([0, 1, 2])('a webhook comes with its secret, and once, though %s answers were lost', async (lost) => {
  const client = losing(lost);
  const url = `https://example.com/lost-${lost}`;
  const hook = await client.webhooks.create({ url, user_id: 'ann' });
  expect(hook.secret).toMatch(/^whsec_/);
  const hooks = await client.webhooks.list({ user: 'ann' }).all();
  expect(hooks.filter((one) => one.url === url).map(({ webhook_id }) => webhook_id)).toEqual([hook.webhook_id]);
});

it('a webhook whose create is aborted is deleted', async () => {
  const stop = new AbortController();
  const leaving: typeof fetch = async (input, init) => {
    const response = await fetch(input, { ...init, signal: null });
    if (init?.method !== 'POST' || stop.signal.aborted) return response;
    stop.abort(new Error('enough'));
    throw stop.signal.reason;
  };
  const client = new OnMemOSClient({ baseUrl: server.url, apiKey: server.key, fetch: leaving });
  const creating = client.webhooks.create({ url: 'https://example.com/left', user_id: 'ben' }, { signal: stop.signal });
  await expect(creating).rejects.toThrow('enough');
  expect(await client.webhooks.list({ user: 'ben' }).all()).toEqual([]);
});
