import { afterAll, beforeAll, expect, it } from 'vitest';
import { endHeld, OnMemOSClient } from '../../sdk/typescript/src/index.ts';
import type { CallOptions } from '../../sdk/typescript/src/options.ts';
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

/** Creates something with a secret, and finds what is left of it. */
interface Kind {
  readonly what: string;
  /** How many first answers to creates are lost. */
  readonly lost: number;
  /** The calls that a create makes then. */
  readonly calls: readonly string[];
  readonly create: (
    client: OnMemOSClient,
    name: string,
    options: CallOptions,
  ) => Promise<{ readonly secret?: string | null | undefined }>;
  readonly left: (client: OnMemOSClient, name: string) => Promise<readonly string[]>;
}

const HOOK: Kind = {
  what: 'webhook',
  lost: 1,
  calls: ['POST webhooks', 'POST webhooks', 'POST rotate-secret'],
  create: (client, name, options) =>
    client.webhooks.create({ url: `https://example.com/${name}`, user_id: 'cat' }, options),
  left: async (client, name) => {
    const hooks = await client.webhooks.list({ user: 'cat' }).all();
    return hooks.filter(({ url }) => url.endsWith(`/${name}`)).map(({ webhook_id }) => webhook_id);
  },
};
const REPAIR_OF_A_KEY = ['POST keys', 'POST keys', 'DELETE key'] as const;
const KEY: Kind = {
  what: 'key',
  lost: 2,
  calls: [...REPAIR_OF_A_KEY, ...REPAIR_OF_A_KEY, 'POST keys'],
  create: (client, name, options) => client.keys.create({ name, user_id: 'cat' }, options),
  left: async (client, name) => {
    const keys = await client.keys.list().all();
    return keys.filter((one) => one.name === name && one.revoked_at === null).map(({ key_id }) => key_id);
  },
};
const KINDS = [HOOK, KEY];

const nameOf = (input: Parameters<typeof fetch>[0], init: RequestInit | undefined): string => {
  const last = new URL(input instanceof Request ? input.url : input).pathname.split('/').at(-1) ?? '';
  return `${init?.method} ${last.replace(/^key-.*/, 'key')}`;
};

/** A client that loses the first answer to each of the first creates. `at` is called before each call, and may make it. */
const losingFirst = (
  lost: number,
  at: (call: number, make: () => Promise<Response>) => Promise<Response>,
): { readonly client: OnMemOSClient; readonly calls: readonly string[] } => {
  const creates = new Set<string>();
  const calls: string[] = [];
  const lossy: typeof fetch = async (input, init) => {
    calls.push(nameOf(input, init));
    const response = await at(calls.length, () => fetch(input, init));
    const create = new Headers(init?.headers).get('Idempotency-Key');
    if (create === null || creates.has(create) || creates.size === lost) return response;
    creates.add(create);
    throw new TypeError('fetch failed');
  };
  return { client: new OnMemOSClient({ baseUrl: server.url, apiKey: server.key, fetch: lossy }), calls };
};

/** All places where the caller may leave: before a call is made, and once the server has done it. */
const places = KINDS.flatMap((kind) =>
  kind.calls.flatMap((call, i) =>
    [false, true].map((late) => ({ ...kind, call, point: i + 1, late, when: late ? 'after' : 'before' })),
  ),
);

it.each(places)('a $what whose create is aborted $when its call $point, $call, is not left', async (place) => {
  const stop = new AbortController();
  const name = `left-${place.point}-${place.when}`;
  const { client, calls } = losingFirst(place.lost, async (call, make) => {
    if (call !== place.point) return make();
    if (place.late) await make();
    stop.abort(new Error('enough'));
    throw stop.signal.reason;
  });
  await expect(place.create(client, name, { signal: stop.signal })).rejects.toThrow('enough');
  expect(calls.slice(0, place.point)).toEqual(place.calls.slice(0, place.point));
  expect(await place.left(client, name)).toEqual([]);
});

it.each(KINDS)('the create of a $what makes the calls at which it is aborted above', async (kind) => {
  const { client, calls } = losingFirst(kind.lost, (_call, make) => make());
  expect((await kind.create(client, 'whole', {})).secret).toBeTruthy();
  expect(calls).toEqual(kind.calls);
  expect(await kind.left(client, 'whole')).toHaveLength(1);
});

it.each(KINDS)('a $what whose program ends while its secret is made anew is not left', async (kind) => {
  let left: readonly string[] | null = null;
  const { client, calls } = losingFirst(1, async (call, make) => {
    if (call === 3) {
      await endHeld();
      left = await kind.left(new OnMemOSClient({ baseUrl: server.url, apiKey: server.key }), 'ended');
    }
    return make();
  });
  // The program of this test goes on, so the call has an end of its own.
  await kind.create(client, 'ended', {}).catch(() => undefined);
  expect(calls[2]).toBe(kind.calls[2]);
  expect(left).toEqual([]);
});

it.each(KINDS)('a $what under a key of the caller’s own is neither repaired nor removed', async (kind) => {
  const idempotencyKey = crypto.randomUUID();
  const { client, calls } = losingFirst(1, (_call, make) => make());
  expect((await kind.create(client, 'own', { idempotencyKey })).secret).toBeUndefined();
  expect(calls).toEqual(kind.calls.slice(0, 2));
  expect(await kind.left(client, 'own')).toHaveLength(1);
});
