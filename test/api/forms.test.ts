import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '#platform/logger.ts';
import { DEFAULT_API_SETTINGS } from '../../functions/api/deps.ts';
import { clientOf } from './support/client.ts';
import { eventually, serveLive } from './support/live.ts';
import { manualClock } from './support/manual-clock.ts';
import { apiOver, openWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

describe('without a key', () => {
  it('health answers without a store, readiness says what is wrong, and nothing else is told', async () => {
    const api = apiOver(world.platform, { ready: async () => ({ store: 'ok', keeper: 'not reachable' }) });
    const call = clientOf(api);
    expect((await call('/health')).json).toMatchObject({ status: 'healthy', version: '0.0.0-test' });
    const ready = await call('/ready');
    expect(ready).toMatchObject({ status: 503, json: { code: 'unavailable', retryable: true } });
    expect((ready.json as { detail: string }).detail).toContain('keeper: not reachable');
    expect((await clientOf(world.api)('/ready')).json).toEqual({ ready: true, checks: { store: 'ok', keeper: 'ok' } });
  });

  it.each([
    ['GET', '/nope'],
    ['POST', '/health'],
    ['PUT', '/v1/sessions'],
    ['OPTIONS', '/v1/sessions'],
    ['GET', '/v1/sessions/'],
    ['GET', '//v1/sessions'],
  ])('%s %s is a problem that says there is no such thing', async (method, path) => {
    const answer = await world.call(`http://localhost${path}`, { method, key: null });
    expect(answer).toMatchObject({ status: 404, json: { code: 'not_found' } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.headers.get('x-request-id')).toBe((answer.json as { request_id: string }).request_id);
  });
});

describe('an unexpected error', () => {
  it('leaves as an opaque sentence with the request id, and its cause in the log', async () => {
    const lines: string[] = [];
    const log = createLogger({ level: 'info', destination: { write: (line) => void lines.push(line) } });
    const ready = async () => {
      throw new Error('the password is hunter2');
    };
    const answer = await clientOf(apiOver(world.platform, { log, ready }))('/ready', {
      headers: { 'X-Request-Id': 'find-me' },
    });
    expect(answer).toMatchObject({ status: 500, json: { code: 'internal', request_id: 'find-me', retryable: false } });
    expect(answer.text).not.toContain('hunter2');
    expect(lines.some((line) => line.includes('hunter2') && line.includes('find-me'))).toBe(true);
  });
});

describe('a request', () => {
  it('leaves one line with all that one asks of it later, and no secret', async () => {
    const lines: string[] = [];
    const log = createLogger({ level: 'info', destination: { write: (line) => void lines.push(line) } });
    const call = clientOf(apiOver(world.platform, { log }), world.keys.alice);
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await call(`/v1/sessions/${world.session}`, { headers: { traceparent } });
    await call('/v1/sessions/none', {});
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({
        message: 'request',
        operation: 'sessions.get',
        method: 'GET',
        path: `/v1/sessions/${world.session}`,
        status: 200,
        outcome: 'ok',
        key_id: world.aliceKeyId,
        user: 'alice',
        ms: expect.any(Number),
        trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
      }),
      expect.objectContaining({ operation: 'sessions.get', status: 404, outcome: 'not_found' }),
    ]);
    expect(lines.join()).not.toContain(world.keys.alice);
  });

  it('is counted by operation and status, for an admin to read', async () => {
    const call = clientOf(apiOver(world.platform), world.keys.admin);
    await call('/v1/sessions/none');
    const { status, text } = await call('/metrics');
    expect(status).toBe(200);
    expect(text).toContain('onmemos_http_request_duration_seconds_count{operation="sessions.get",status="404"} 1');
  });

  it('is answered to a page of another origin only where that was set', async () => {
    const headers = { origin: 'https://console.test' };
    expect((await world.call('/v1/packages', { headers })).headers.get('access-control-allow-origin')).toBeNull();
    const settings = {
      version: '1',
      rate_limit_per_second: null,
      most_instances: 1,
      body_limit_bytes: 1000,
      large_body_limit_bytes: 1000,
    };
    const api = apiOver(world.platform, { settings: { ...settings, cors_origins: ['https://console.test'] } });
    const call = clientOf(api, world.keys.alice);
    expect((await call('/v1/packages', { headers })).headers.get('access-control-allow-origin')).toBe(
      'https://console.test',
    );
    const refused = await call('/v1/packages', { key: null, headers });
    expect(refused).toMatchObject({ status: 401 });
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://console.test');
    const stranger = await call('/v1/packages', { headers: { origin: 'https://evil.test' } });
    expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('a caller that leaves while its command runs', () => {
  it('is no failure of the server, and the command goes on where the caller has a key to come back with', async () => {
    const lines: string[] = [];
    const log = createLogger({ level: 'info', destination: { write: (line) => void lines.push(line) } });
    const server = await serveLive(apiOver(world.platform, { log }));
    const stop = new AbortController();
    const headers = { 'X-API-Key': world.keys.alice, 'X-Request-Id': 'left', 'Idempotency-Key': 'left' };
    const body = JSON.stringify({ command: 'echo started; sleep 60' });
    const url = `${server.url}/v1/sessions/${world.session}/execute`;
    const call = fetch(url, { method: 'POST', headers, body, signal: stop.signal });
    const running = async () => {
      const execs = (await world.call(`/v1/sessions/${world.session}/execs`)).json as {
        command: string;
        status: string;
      }[];
      return execs.some(({ command, status }) => command.startsWith('echo started') && status === 'running');
    };
    await eventually('the command runs', running);
    stop.abort();
    await expect(call).rejects.toThrow();
    const logged = () =>
      lines
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter(({ request_id }) => request_id === 'left');
    await eventually('the request is logged', () => logged().length > 0);
    expect(logged()).toEqual([
      expect.objectContaining({ severity: 'INFO', message: 'request', outcome: 'client_gone', status: 499 }),
    ]);
    expect(await running()).toBe(true);
    await server.close();
  });
});

describe('a list', () => {
  it('is a plain array, and a page where limit or cursor asks for one', async () => {
    const plain = await world.call('/v1/keys', { key: world.keys.alice });
    const all = plain.json as { key_id: string }[];
    expect(Array.isArray(all)).toBe(true);
    expect(all.length).toBeGreaterThan(3);
    expect(plain.headers.get('link')).toBeNull();

    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? 'limit=3' : `limit=3&cursor=${encodeURIComponent(cursor)}`;
      const page = (await world.call(`/v1/keys?${query}`, { key: world.keys.alice })).json as {
        items: { key_id: string }[];
        next_cursor: string | null;
      };
      expect(page.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.items.map(({ key_id }) => key_id));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual(all.map(({ key_id }) => key_id));
  });

  it.each(['limit=0', 'limit=', 'limit=1001', 'limit=x', 'limit=1.5', 'cursor=nonsense', 'cursor='])(
    'refuses %s',
    async (query) => {
      for (const path of ['/v1/keys', '/v1/packages', '/v1/audit', `/v1/sessions/${world.session}/execs`]) {
        const answer = await world.call(`${path}?${query}`);
        expect(answer).toMatchObject({ status: 422, json: { errors: [{ field: query.split('=')[0] }] } });
      }
    },
  );

  it('refuses a cursor that was changed to a place where nothing can be', async () => {
    for (const path of ['/v1/keys', '/v1/audit']) {
      const { next_cursor } = (await world.call(`${path}?limit=1`)).json as { next_cursor: string };
      const [print, value] = JSON.parse(Buffer.from(next_cursor, 'base64url').toString()) as unknown[];
      for (const place of [
        [value, 'a/b'],
        [value, '..'],
        [value, '__x__'],
        [value, '\ud800'],
        ['\ud800', 'a'],
      ]) {
        const cursor = Buffer.from(JSON.stringify([print, ...place])).toString('base64url');
        const answer = await world.call(`${path}?limit=1&cursor=${cursor}`);
        expect(answer).toMatchObject({ status: 422, json: { errors: [{ field: 'cursor' }] } });
      }
    }
  });

  it.each([
    '/v1/packages',
    '/v1/providers',
    '/v1/users',
    '/v1/keys',
    '/v1/sessions',
    '/v1/workspaces/alice',
    '/v1/workspaces/alice/ws/members',
    '/v1/workspaces/alice/ws/volumes',
    '/v1/workspaces/alice/ws/buckets',
    '/v1/audit',
  ])('%s has both forms', async (path) => {
    expect(Array.isArray((await world.call(path)).json)).toBe(true);
    const page = await world.call(`${path}?limit=1`);
    expect({ path, status: page.status, json: page.json }).toMatchObject({
      status: 200,
      json: { items: expect.any(Array) },
    });
    expect((page.json as { items: unknown[] }).items.length).toBe(1);
    expect(page.json).toHaveProperty('next_cursor');
  });
});

describe('Idempotency-Key', () => {
  it('makes one thing of two calls, and refuses another body', async () => {
    const headers = { 'Idempotency-Key': 'make-a-key' };
    const first = await world.call('/v1/keys', { body: { name: 'a', user_id: 'alice' }, headers });
    const second = await world.call('/v1/keys', { raw: '{"user_id":"alice",   "name":"a"}', headers });
    const [made, again] = [first.json as Record<string, unknown>, second.json as Record<string, unknown>];
    expect(again.key_id).toBe(made.key_id);
    expect(made.secret).toBeTruthy();
    expect(again.secret).toBeUndefined();
    const other = await world.call('/v1/keys', { body: { name: 'b', user_id: 'alice' }, headers });
    expect(other).toMatchObject({ status: 422, json: { code: 'idempotency_mismatch' } });
  });

  it('is refused where it is no such key', async () => {
    for (const key of ['x'.repeat(256), 'ä']) {
      const answer = await world.call('/v1/keys', { body: { name: 'a' }, headers: { 'Idempotency-Key': key } });
      expect(answer).toMatchObject({ status: 422, json: { code: 'invalid', errors: [{ field: 'Idempotency-Key' }] } });
    }
  });
});

describe('the rate limit', () => {
  it('is a bucket per key, says when to come back, and fills again', async () => {
    const clock = manualClock();
    const settings = {
      version: '1',
      cors_origins: [],
      body_limit_bytes: 1000,
      large_body_limit_bytes: 1000,
      rate_limit_per_second: 2,
      most_instances: 1,
    };
    const call = clientOf(apiOver(world.platform, { clock, settings }));
    const status = async (key: string) => (await call('/v1/packages', { key })).status;
    expect([await status(world.keys.alice), await status(world.keys.alice)]).toEqual([200, 200]);
    const refused = await call('/v1/packages', { key: world.keys.alice });
    expect(refused).toMatchObject({ status: 429, json: { code: 'rate_limited', retryable: true } });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await status(world.keys.bob)).toBe(200);
    clock.advance(500);
    expect([await status(world.keys.alice), await status(world.keys.alice)]).toEqual([200, 429]);
    expect((await call('/health', { key: null })).status).toBe(200);
  });

  it.each([1, 2, 5])('holds over %i instances that share its requests', async (most_instances) => {
    const clock = manualClock();
    const settings = { ...DEFAULT_API_SETTINGS, version: '1', rate_limit_per_second: 10, most_instances };
    const instances = Array.from({ length: most_instances }, () =>
      clientOf(apiOver(world.platform, { clock, settings })),
    );
    /** Each instance in turn, far more often than is allowed. */
    const allowed = async (): Promise<number> => {
      let count = 0;
      for (let turn = 0; turn < 30; turn++)
        for (const call of instances)
          if ((await call('/v1/packages', { key: world.keys.alice })).status === 200) count += 1;
      return count;
    };
    expect(await allowed()).toBe(10);
    clock.advance(1_000);
    expect(await allowed()).toBe(10);
  });
});

describe('wait', () => {
  it.each(['wait=-1', 'wait=301', 'wait=x', 'wait=', 'wait=0x1', 'wait=1e1', 'wait=%20'])(
    'refuses %s',
    async (query) => {
      const answer = await world.call(`/v1/sessions/none/terminate?${query}`, { method: 'POST' });
      expect(answer).toMatchObject({ status: 422, json: { errors: [{ field: 'wait' }] } });
    },
  );
});
