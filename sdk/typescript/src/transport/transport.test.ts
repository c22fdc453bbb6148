import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Conflict, ConnectionFailed, Internal } from '../errors.ts';
import { settingsFrom } from './settings.ts';
import { Transport } from './transport.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, call: number) => void;

let server: Server | null = null;
const calls: { readonly method: string; readonly url: string; readonly headers: IncomingMessage['headers'] }[] = [];

/** A server that answers its n-th call as told. */
const serving = async (answer: Answer, options: Parameters<typeof settingsFrom>[0] = {}): Promise<Transport> => {
  calls.length = 0;
  server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    calls.push({ method, url, headers });
    request.resume();
    answer(request, response, calls.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new Transport(settingsFrom({ baseUrl, apiKey: 'omk_id_secret', ...options }));
};

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  server?.closeAllConnections();
  server?.close();
  server = null;
});

const json = (response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};
const problem = (code: string, retryable: boolean): object => ({ code, detail: 'No.', request_id: 'req-1', retryable });
const get = { method: 'GET', path: '/v1/x' } as const;
const post = { method: 'POST', path: '/v1/x', body: { a: 1, b: undefined } } as const;

describe('Transport', () => {
  it('sends the key as a header that no redirect carries on, and one idempotency key a POST', async () => {
    const transport = await serving((_request, response) => json(response, 200, { ok: true }));
    expect(await transport.json(post)).toEqual({ ok: true });
    await transport.json(post);
    await transport.json(get);
    const keys = calls.map(({ headers }) => headers['idempotency-key']);
    expect(calls[0]?.headers.authorization).toBe('Bearer omk_id_secret');
    expect(keys[0]).toMatch(/^[\da-f-]{36}$/);
    expect(keys[1]).not.toBe(keys[0]);
    expect(keys[2]).toBeUndefined();
  });

  it('makes a call again after failures that may pass, under the same key', async () => {
    const transport = await serving((request, response, call) => {
      if (call === 1) return void request.socket.destroy();
      if (call === 2) return json(response, 503, problem('unavailable', true));
      if (call === 3) return void response.writeHead(502).end('<html>');
      json(response, 200, { call });
    });
    expect(await transport.json(post)).toEqual({ call: 4 });
    expect(new Set(calls.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  });

  it('keeps the key that it was given', async () => {
    const transport = await serving((_request, response) => json(response, 200, {}));
    await transport.json(post, { idempotencyKey: 'mine' });
    expect(calls[0]?.headers['idempotency-key']).toBe('mine');
  });

  it('gives up after as many retries as it may make', async () => {
    const transport = await serving((_request, response) => json(response, 503, problem('unavailable', true)));
    await expect(transport.json(get, { maxRetries: 2 })).rejects.toMatchObject({ code: 'unavailable' });
    expect(calls.length).toBe(3);
  });

  it.each([
    { client: 4, call: undefined, most: 10 },
    { client: 20, call: undefined, most: 20 },
    { client: 0, call: undefined, most: 0 },
    { client: 4, call: 1, most: 1 },
    { client: 0, call: 2, most: 2 },
  ])('asks $most times for what was cut off, as client ($client) and call ($call) say', ({ client, call, most }) => {
    const transport = new Transport(settingsFrom({ baseUrl: 'http://127.0.0.1:1', maxRetries: client }));
    expect(transport.retriesAfterACut({ maxRetries: call })).toBe(most);
  });

  it.each([
    { goesOn: true, made: 11 },
    { goesOn: false, made: 2 },
  ])('makes $made attempts where what it belongs to goes on: $goesOn', async ({ goesOn, made }) => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const transport = await serving((request) => void request.socket.destroy(), { maxRetries: 1 });
    await expect(transport.json({ ...post, goesOn })).rejects.toThrow(ConnectionFailed);
    expect(calls).toHaveLength(made);
  });

  it('makes no call again that was refused for good', async () => {
    const transport = await serving((_request, response, call) =>
      json(response, call === 1 ? 409 : 500, call === 1 ? problem('conflict', false) : problem('internal', false)),
    );
    await expect(transport.json(post)).rejects.toBeInstanceOf(Conflict);
    await expect(transport.json(post)).rejects.toBeInstanceOf(Internal);
    expect(calls.length).toBe(2);
  });

  it('says where nobody answers', async () => {
    const transport = await serving(() => undefined);
    const { baseUrl } = transport.settings;
    server?.close();
    const failed = await transport.json(get, { maxRetries: 1 }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ConnectionFailed);
    expect((failed as Error).message).toBe(`Connection error - is the server running at ${baseUrl}?`);
  });

  it('takes an answer that stays away, or breaks off, for none', async () => {
    const transport = await serving((_request, response, call) => {
      if (call === 2) response.writeHead(200).write('{"half":');
      if (call > 2) json(response, 200, { whole: true });
    });
    expect(await transport.json(get, { timeoutMs: 500, maxRetries: 10 })).toEqual({ whole: true });
    expect(calls.length).toBeGreaterThan(2);
  });

  it('waits longer for an answer that the server was asked to hold', async () => {
    const transport = await serving((_request, response) => void setTimeout(() => json(response, 200, {}), 400), {
      timeoutMs: 100,
      maxRetries: 0,
    });
    expect(await transport.json({ ...get, holdSeconds: 30 })).toEqual({});
    await expect(transport.json(get)).rejects.toBeInstanceOf(ConnectionFailed);
  });

  it('rejects with the reason of its signal, before, while it waits and while it pauses', async () => {
    const [waiting, pausing] = [new AbortController(), new AbortController()];
    const transport = await serving((_request, response, call) => {
      if (call === 1) return waiting.abort(new Error('second'));
      json(response, 503, problem('unavailable', true), { 'retry-after': '50' });
      setTimeout(() => pausing.abort(new Error('third')), 100);
    });
    await expect(transport.json(get, { signal: AbortSignal.abort(new Error('first')) })).rejects.toThrow('first');
    await expect(transport.json(get, { signal: waiting.signal })).rejects.toThrow('second');
    await expect(transport.json(get, { signal: pausing.signal })).rejects.toThrow('third');
    expect(calls.length).toBe(2);
  });

  it('asks again, under one key, for an answer that is held longer than a connection may be silent', async () => {
    vi.useFakeTimers();
    const keys: (string | null)[] = [];
    const silent: typeof fetch = (_input, init) => {
      keys.push(new Headers(init?.headers).get('idempotency-key'));
      if (keys.length === 4) return Promise.resolve(new Response('{"held": true}'));
      const { promise, reject } = Promise.withResolvers<Response>();
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      return promise;
    };
    const transport = new Transport(settingsFrom({ baseUrl: 'http://127.0.0.1:1', maxRetries: 1, fetch: silent }));
    const answer = transport.json({ ...post, holdSeconds: 3000 });
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(await answer).toEqual({ held: true });
    expect([keys.length, new Set(keys).size]).toEqual([4, 1]);
  });

  it('follows no redirect', async () => {
    const transport = await serving((_request, response) => response.writeHead(307, { location: '/v1/y' }).end(), {
      maxRetries: 0,
    });
    await expect(transport.json(post)).rejects.toBeInstanceOf(ConnectionFailed);
    expect(calls.map(({ url }) => url)).toEqual(['/v1/x']);
  });
});
