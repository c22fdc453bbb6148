import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import type { ApiEnv } from '../context.ts';
import { problemResponse, toProblem } from '../problem.ts';
import { fingerprint, readIdempotency } from './idempotency.ts';

const app = new Hono<ApiEnv>();
app.all('/v1/things', (c) => c.json(readIdempotency(c, { a: 1 })));
app.onError((error, c) => problemResponse(c, toProblem(error)));
const call = async (key: string, method = 'POST') => {
  const response = await app.request('/v1/things', { method, headers: { 'Idempotency-Key': key } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> | null };
};

describe('readIdempotency', () => {
  it('binds the key to method, path and body', async () => {
    expect(await call('order-1')).toEqual({
      status: 200,
      body: { key: 'order-1', method: 'POST', path: '/v1/things', fingerprint: fingerprint({ a: 1 }) },
    });
  });

  it('accepts up to 255 characters of printable ASCII', async () => {
    expect((await call('x'.repeat(255))).status).toBe(200);
    for (const key of ['x'.repeat(256), 'ä', 'a\tb']) {
      expect(await call(key)).toMatchObject({ status: 422, body: { errors: [{ field: 'Idempotency-Key' }] } });
    }
  });

  it('is only for POST', async () => {
    expect((await call('order-1', 'PUT')).body).toBeNull();
  });
});

describe('fingerprint', () => {
  it('is the same for the same body in another order, and different for every other body', () => {
    expect(fingerprint({ a: 1, b: { c: [1, 2], d: null } })).toBe(fingerprint({ b: { d: null, c: [1, 2] }, a: 1 }));
    expect(fingerprint({ a: [1, 2] })).not.toBe(fingerprint({ a: [2, 1] }));
    expect(fingerprint({ a: '1' })).not.toBe(fingerprint({ a: 1 }));
    expect(fingerprint(undefined)).toBe(fingerprint({}));
  });
});
