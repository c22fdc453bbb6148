import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import type { ApiEnv } from '../context.ts';
import { problemResponse, toProblem } from '../problem.ts';
import { readJson } from './body.ts';

const app = new Hono<ApiEnv>();
app.post('/', async (c) => c.json({ read: await readJson(c, 100) }));
app.onError((error, c) => problemResponse(c, toProblem(error)));

const post = async (body: string | Uint8Array<ArrayBuffer> | ReadableStream, headers: Record<string, string> = {}) => {
  const response = await app.request('/', { method: 'POST', body, headers, duplex: 'half' } as RequestInit);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

describe('readJson', () => {
  it('reads JSON with any Content-Type', async () => {
    expect(await post('{"a":1}', { 'content-type': 'text/plain' })).toEqual({ status: 200, body: { read: { a: 1 } } });
  });

  it('treats an empty body as an empty object', async () => {
    expect((await post('')).body).toEqual({ read: {} });
  });

  it.each(['{', '{"a":}', 'nonsense', '{"a":1}}', '\u0000'])('refuses %j', async (text) => {
    expect(await post(text)).toMatchObject({ status: 400, body: { code: 'malformed' } });
  });

  it('refuses bytes that are not UTF-8 and strings that are not Unicode', async () => {
    expect((await post(new Uint8Array([0x22, 0xff, 0x22]))).status).toBe(400);
    expect(await post('{"a":{"b":["\\ud800"]}}')).toMatchObject({
      status: 422,
      body: { code: 'invalid', errors: [{ field: 'a.b.0' }] },
    });
    expect(await post('{"\\udc00":1}')).toMatchObject({ status: 422, body: { errors: [{ field: 'body' }] } });
    expect((await post('{"a":"\\ud83d\\ude00"}')).body).toEqual({ read: { a: '😀' } });
  });

  it('refuses a body above the limit by its announced length', async () => {
    expect(await post('{}', { 'content-length': '101' })).toMatchObject({
      status: 413,
      body: { code: 'too_large', limit_bytes: 100 },
    });
  });

  it('refuses a body longer than announced, and an endless body as soon as it is too long', async () => {
    expect((await post(`"${'x'.repeat(200)}"`, { 'content-length': '5' })).status).toBe(413);
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled++;
        controller.enqueue(new Uint8Array(40).fill(0x20));
      },
    });
    expect((await post(endless)).status).toBe(413);
    expect(pulled).toBeLessThan(10);
  });

  it('accepts a body with the deepest nesting that fits into the limit', async () => {
    expect((await post('['.repeat(50) + ']'.repeat(50))).status).toBe(200);
  });
});
