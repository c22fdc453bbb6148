import { afterAll, beforeAll, expect, it } from 'vitest';
import { endHeld, Internal, OnMemOSClient, RateLimited, SecretLost } from '../../sdk/typescript/src/index.ts';
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
  readonly removal: string;
  readonly listing: string;
  readonly create: (
    client: OnMemOSClient,
    name: string,
    options?: CallOptions,
  ) => Promise<{ readonly secret?: string | null | undefined }>;
  readonly left: (client: OnMemOSClient, name: string) => Promise<readonly string[]>;
}

const HOOK: Kind = {
  what: 'webhook',
  removal: 'onmemos webhooks rm',
  listing: 'onmemos webhooks ls',
  // A user has 10 webhooks at most.
  create: (client, name, options = {}) =>
    client.webhooks.create({ url: 'https://example.com/hook', user_id: name }, options),
  left: async (client, name) => (await client.webhooks.list({ user: name }).all()).map(({ webhook_id }) => webhook_id),
};
const KEY: Kind = {
  what: 'key',
  removal: 'onmemos keys rm',
  listing: 'onmemos keys ls',
  create: (client, name, options = {}) => client.keys.create({ name, user_id: 'cat' }, options),
  left: async (client, name) => {
    const keys = await client.keys.list().all();
    return keys.filter((one) => one.name === name && one.revoked_at === null).map(({ key_id }) => key_id);
  },
};
const KINDS = [HOOK, KEY];

/** How many first answers to creates are lost, and the calls that a create makes then. */
const LOST = 2;
const REPAIR = ['POST', 'POST', 'DELETE'] as const;
const CALLS = [...REPAIR, ...REPAIR, 'POST'] as const;

/** A client that loses the first answer to each of the first creates. `at` is called before each call, and may make it. */
const losingFirst = (
  lost: number,
  at: (call: number, make: () => Promise<Response>) => Promise<Response>,
): { readonly client: OnMemOSClient; readonly calls: readonly string[] } => {
  const creates = new Set<string>();
  const calls: string[] = [];
  const lossy: typeof fetch = async (input, init) => {
    calls.push(String(init?.method));
    const response = await at(calls.length, () => fetch(input, init));
    const create = new Headers(init?.headers).get('Idempotency-Key');
    if (!response.ok || create === null || creates.has(create) || creates.size === lost) return response;
    creates.add(create);
    throw new TypeError('fetch failed');
  };
  return { client: new OnMemOSClient({ baseUrl: server.url, apiKey: server.key, fetch: lossy }), calls };
};

/** All places where a create may be broken off: before a call is made, and once the server has done it. */
const places = KINDS.flatMap((kind) =>
  CALLS.flatMap((call, i) =>
    [false, true].map((late) => ({ ...kind, call, point: i + 1, late, when: late ? 'after' : 'before' })),
  ),
);

it.each(places)('a $what whose create is aborted $when its call $point, $call, is not left', async (place) => {
  const stop = new AbortController();
  const name = `left-${place.point}-${place.when}`;
  const { client, calls } = losingFirst(LOST, async (call, make) => {
    if (call !== place.point) return make();
    if (place.late) await make();
    stop.abort(new Error('enough'));
    throw stop.signal.reason;
  });
  await expect(place.create(client, name, { signal: stop.signal })).rejects.toThrow('enough');
  expect(calls.slice(0, place.point)).toEqual(CALLS.slice(0, place.point));
  expect(await place.left(client, name)).toEqual([]);
});

const broken = (): Response =>
  new Response(JSON.stringify({ code: 'internal', detail: 'Something broke.', request_id: 'req-1' }), {
    status: 500,
    headers: { 'Content-Type': 'application/problem+json' },
  });

it.each(places)('a $what is not left where an error answers $when its call $point, $call', async (place) => {
  const name = `broken-${place.point}-${place.when}`;
  const { client } = losingFirst(LOST, async (call, make) => {
    if (call !== place.point) return make();
    if (place.late) await make();
    return broken();
  });
  const error = await place.create(client, name).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(place.call === 'DELETE' ? SecretLost : Internal);
  const left = await place.left(client, name);
  if (place.call === 'POST' || place.late) expect(left).toEqual([]);
  else expect(String(error)).toContain(`\`${place.removal} ${left[0]}\``);
  expect(left.length).toBeLessThanOrEqual(1);
});

it.each(places)('a $what that stays is named where all calls fail $when call $point, $call', async (place) => {
  const name = `away-${place.point}-${place.when}`;
  const { client } = losingFirst(LOST, async (call, make) => {
    if (call < place.point) return make();
    if (place.late && call === place.point) await make();
    return broken();
  });
  const error = await place.create(client, name).catch((thrown: unknown) => thrown);
  const plain = new OnMemOSClient({ baseUrl: server.url, apiKey: server.key });
  const [left = 'ID'] = await place.left(plain, name);
  if (place.call === 'DELETE') expect(String(error)).toContain(`\`${place.removal} `);
  else expect(String(error)).toContain(`\`${place.listing}\``);
  if (place.call === 'DELETE' && left !== 'ID') expect(error).toMatchObject({ left });
});

it.each(KINDS)('a $what whose answer is lost six times is not left', async (kind) => {
  const { client, calls } = losingFirst(6, (_call, make) => make());
  const error = await kind.create(client, 'six').catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SecretLost);
  expect(error).toMatchObject({ left: null, retryable: true });
  expect(calls.filter((call) => call === 'DELETE')).toHaveLength(6);
  expect(await kind.left(client, 'six')).toEqual([]);
});

it.each(KINDS)('a $what is not left where its create is refused after a lost answer', async (kind) => {
  const { client } = losingFirst(1, async (call, make) =>
    call === 2 ? new Response('', { status: 429, headers: { 'Retry-After': '120' } }) : make(),
  );
  await expect(kind.create(client, 'limited')).rejects.toBeInstanceOf(RateLimited);
  expect(await kind.left(client, 'limited')).toEqual([]);
});

it.each(KINDS)('a $what that was never asked for is not said to be there', async (kind) => {
  const refused: typeof fetch = async () => {
    throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } });
  };
  const client = new OnMemOSClient({ baseUrl: server.url, apiKey: server.key, fetch: refused, maxRetries: 0 });
  const error = await kind.create(client, 'never').catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'connection_failed', next: null });
});

it.each(KINDS)('a create of a $what to which no answer comes says how to look for it', async (kind) => {
  const silent: typeof fetch = async () => {
    throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } });
  };
  const client = new OnMemOSClient({ baseUrl: server.url, apiKey: server.key, fetch: silent, maxRetries: 0 });
  const error = await kind.create(client, 'silent').catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'connection_failed', next: expect.stringContaining(kind.listing) });
  expect(String(error)).toContain(`\`${kind.listing}\``);
});

it.each(KINDS)('the create of a $what makes the calls at which it is broken off above', async (kind) => {
  const { client, calls } = losingFirst(LOST, (_call, make) => make());
  expect((await kind.create(client, 'whole')).secret).toBeTruthy();
  expect(calls).toEqual(CALLS);
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
  await kind.create(client, 'ended').catch(() => undefined);
  expect(calls[2]).toBe(CALLS[2]);
  expect(left).toEqual([]);
});

it.each(KINDS)('a $what under a key of the caller’s own is neither repaired nor removed', async (kind) => {
  const idempotencyKey = crypto.randomUUID();
  const { client, calls } = losingFirst(1, (_call, make) => make());
  expect((await kind.create(client, 'own', { idempotencyKey })).secret).toBeUndefined();
  expect(calls).toEqual(CALLS.slice(0, 2));
  expect(await kind.left(client, 'own')).toHaveLength(1);
});
