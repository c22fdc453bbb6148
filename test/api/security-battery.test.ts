import { UserId } from '#contract/entities/common.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATION_NAMES, OPERATIONS, type Operation, type OperationName } from '#contract/operations.ts';
import { allRoutes } from '../../functions/api/routes/all.ts';
import { BATTERY } from './support/battery-entries.ts';
import { batteryRequest } from './support/battery-request.ts';
import type { Answer, Send } from './support/client.ts';
import { operationAt, servedRoutes } from './support/served.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

const catalogue = (name: OperationName): Operation => OPERATIONS[name];
const keyed = OPERATION_NAMES.filter((name) => catalogue(name).key);
const withBody = allRoutes()
  .filter(({ docs }) => docs.body !== undefined)
  .map(({ operation }) => operation);

const call = (
  name: OperationName,
  key: string | null,
  given: Send = {},
  other: Record<string, string> = {},
): Promise<Answer> => {
  const { path, send } = batteryRequest(world, name, other);
  return world.call(path, { ...send, key, ...given, headers: { ...send.headers, ...given.headers } });
};

const expectProblem = (answer: Answer, status: number, code?: string): void => {
  expect({ status: answer.status, text: answer.status === status ? '' : answer.text }).toEqual({ status, text: '' });
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.json).toMatchObject({ status, ...(code ? { code } : {}) });
};

it('every route that is served has an entry, and every entry a route', () => {
  const served = servedRoutes(world.api);
  expect(served.filter((route) => operationAt(route) === null)).toEqual([]);
  expect(served.map(operationAt).toSorted()).toEqual(Object.keys(BATTERY).toSorted());
});

describe.each(keyed)('%s', (name) => {
  it('is 401 without a key and with one that is wrong, malformed, expired or revoked', async () => {
    const wrong = world.keys.alice.replace(/.{8}$/, (end) => (end === '00000000' ? '11111111' : '00000000'));
    const bad = [
      null,
      wrong,
      'nonsense',
      'omk_',
      `omk_${'x'.repeat(5000)}`,
      world.keys.expired,
      world.keys.revoked,
      'omk_a_b\u00ff',
    ];
    for (const key of bad) expectProblem(await call(name, key), 401, 'unauthenticated');
    const asBearer = await call(name, null, { headers: { authorization: `Bearer ${world.keys.revoked}` } });
    expectProblem(asBearer, 401, 'unauthenticated');
  });

  it('never takes a key from the URL', async () => {
    const { method, path } = catalogue(name);
    const answer = await world.call(`${path}?api_key=${world.keys.admin}&key=${world.keys.admin}`, {
      method: method.toUpperCase(),
      key: null,
    });
    expect(answer.status).toBe(401);
  });

  it('is 403 with a key that lacks its scope', async () => {
    const { scope } = catalogue(name);
    if (scope === null) return expect(BATTERY[name].stranger).toBe(200);
    expectProblem(
      await call(name, scope === 'admin' ? world.keys.alice : (world.without[scope] ?? null)),
      403,
      'forbidden',
    );
  });

  it('shows nothing to another tenant', async () => {
    const answer = await call(name, world.keys.bob);
    if (BATTERY[name].stranger !== 200) return expectProblem(answer, BATTERY[name].stranger);
    expect(answer.status).toBe(200);
    for (const secret of [world.session, world.exec, world.aliceKeyId, world.webhook, 'alice'])
      expect(answer.text).not.toContain(secret);
  });

  it('lets a viewer read and no more', async () => {
    const answer = await call(name, world.keys.vera);
    if (BATTERY[name].viewer === 200)
      expect({ status: answer.status, text: answer.status === 200 ? '' : answer.text }).toEqual({
        status: 200,
        text: '',
      });
    else expectProblem(answer, BATTERY[name].viewer);
  });

  it('refuses an oversized request before reading it', async () => {
    if (catalogue(name).method === 'get') return expect(BATTERY[name].body).toBeUndefined();
    const headers = { 'content-length': String(64 * 1024 * 1024) };
    expectProblem(await call(name, world.keys.admin, { headers }), 413, 'too_large');
  });

  it('never fails by, and never acts on, a name that can not exist', async () => {
    const params = [...catalogue(name).path.matchAll(/\{([a-z_]+)\}/g)].map(([, param]) => param ?? '');
    for (const param of params) {
      for (const trick of TRICKS) {
        for (const key of DOT_SEGMENTS.has(trick) ? [world.keys.alice] : [world.keys.alice, world.keys.admin]) {
          const { status, text } = await call(name, key, {}, { [param]: trick });
          expect(
            [400, 403, 404, 422, ...(isUser(param, trick) ? [200] : [])],
            `${param}=${trick.slice(0, 40)}: ${text.slice(0, 200)}`,
          ).toContain(status);
        }
      }
    }
  });
});

/** A user may have nearly any name, which nothing but a hash of is in an id or a folder. */
const isUser = (param: string, trick: string): boolean => {
  if (param !== 'user_id' && param !== 'member_id') return false;
  try {
    return UserId.safeParse(decodeURIComponent(trick)).success;
  } catch {
    return false;
  }
};

/** A URL loses these before it reaches the router, and names another route then: one of an admin’s, perhaps. */
const DOT_SEGMENTS = new Set(['..', '%2e%2e', '.%2e']);

/** Sent in the place of every name in a path. None can be the name of a thing. */
const TRICKS = [
  '..',
  '%2e%2e',
  '.%2e',
  '..%2f..%2f..%2fetc%2fpasswd',
  '..%5c..%5cwindows',
  '%2F',
  'a%2Fb',
  '%2Fetc%2Fpasswd',
  'a%00b',
  '%00',
  '%0d%0aSet-Cookie:x',
  'x'.repeat(5000),
  '%F0%9F%98%80',
  '%C3%A4',
  '%c3%28',
  '%ff',
  '%',
  '%zz',
  '%25%32%65',
  '*',
  '-',
  '%20',
  '__proto__',
  "'%20OR%201=1--",
  '$(id)',
  '%3Cscript%3E',
];

describe.each(withBody)('%s', (name) => {
  it('is 400 for what is no JSON and 422, naming a field, for what is no valid body', async () => {
    for (const raw of ['{', '{"a":', 'not json', `${'['.repeat(50_000)}`]) {
      expectProblem(await call(name, world.keys.admin, { raw }), 400, 'malformed');
    }
    const wrong = [
      [],
      'text',
      7,
      null,
      Object.fromEntries(Object.keys(BATTERY[name].body as object).map((field) => [field, { a: [] }])),
      '\ud800',
    ];
    for (const body of wrong) {
      const answer = await call(name, world.keys.admin, { body });
      expectProblem(answer, 422, 'invalid');
      expect((answer.json as { errors: { field: string }[] }).errors[0]?.field).toBeTruthy();
    }
  });
});

describe('a key', () => {
  it('stops working on the very next request after it was revoked', async () => {
    const made = await world.call('/v1/keys', { body: { name: 'short', user_id: 'alice' } });
    const { key_id, secret } = made.json as { key_id: string; secret: string };
    expect((await world.call('/v1/sessions', { key: secret })).status).toBe(200);
    expect((await world.call(`/v1/keys/${key_id}`, { method: 'DELETE' })).status).toBe(200);
    expectProblem(await world.call('/v1/sessions', { key: secret }), 401, 'unauthenticated');
  });

  it('works as Bearer too', async () => {
    const answer = await world.call('/v1/sessions', {
      key: null,
      headers: { authorization: `Bearer ${world.keys.alice}` },
    });
    expect(answer.status).toBe(200);
  });
});

describe('a ticket', () => {
  it('is let in by the sockets of the catalogue alone', async () => {
    const made = await world.call(`/v1/sessions/${world.session}/ticket`, { method: 'POST', key: world.keys.alice });
    const { subprotocol } = made.json as { subprotocol: string };
    const headers = { 'sec-websocket-protocol': subprotocol };
    const sockets = keyed.filter((name) => catalogue(name).socket);
    expect(sockets).toEqual(['sessions.shell', 'execs.attach']);
    for (const name of keyed.filter((each) => !sockets.includes(each)))
      expectProblem(await call(name, null, { headers }), 401, 'unauthenticated');
    // None of them has used it up: a socket takes it, and then asks for the upgrade that is missing here.
    const shell = await world.call(`/v1/sessions/${world.session}/shell`, { key: null, headers });
    expectProblem(shell, 400, 'malformed');
  });
});

describe('the battery itself', () => {
  it('left everything of Alice’s as it was', async () => {
    const answer = await world.call(`/v1/sessions/${world.session}`, { key: world.keys.alice });
    expect(answer.json).toMatchObject({ status: 'running' });
    expect((await world.call('/v1/workspaces/alice/ws', { key: world.keys.alice })).json).toMatchObject({
      status: 'active',
    });
  });
});
