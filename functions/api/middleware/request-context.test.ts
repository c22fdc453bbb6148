import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { systemIds } from '#platform/ids.ts';
import type { ApiEnv } from '../context.ts';
import { requestContext } from './request-context.ts';

const app = new Hono<ApiEnv>();
app.use(requestContext(systemIds));
app.get('/', (c) => c.json({ request_id: c.get('request_id'), trace_id: c.get('trace_id') }));
const call = async (headers: Record<string, string> = {}) => {
  const response = await app.request('/', { headers });
  const body = (await response.json()) as { request_id: string; trace_id: string };
  return { headers: response.headers, ...body };
};

describe('requestContext', () => {
  it('keeps a well-formed request id and returns it', async () => {
    const { request_id, headers } = await call({ 'X-Request-Id': 'abc-1.2_3' });
    expect(request_id).toBe('abc-1.2_3');
    expect(headers.get('x-request-id')).toBe('abc-1.2_3');
  });

  it.each(['', 'with space', 'x'.repeat(129), '<script>', '-lead'])(
    'creates a request id instead of %j',
    async (given) => {
      const { request_id, headers } = await call({ 'X-Request-Id': given });
      expect(request_id).toMatch(/^req-[0-9a-z]{26}$/);
      expect(headers.get('x-request-id')).toBe(request_id);
    },
  );

  it('continues a trace with a new span', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const { trace_id, headers } = await call({ traceparent: `00-${trace}-00f067aa0ba902b7-01` });
    expect(trace_id).toBe(trace);
    expect(headers.get('traceparent')).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
    expect(headers.get('traceparent')).not.toContain('00f067aa0ba902b7');
  });

  it.each([
    'nonsense',
    '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01',
    'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    '00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01',
  ])('starts a new trace instead of %s', async (traceparent) => {
    const { trace_id } = await call({ traceparent });
    expect(trace_id).toMatch(/^[0-9a-f]{32}$/);
    expect(traceparent).not.toContain(trace_id);
  });
});
