import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ERROR_STATUS, type ErrorCode, Problem } from '#contract/errors.ts';
import { ComputeRefused, ComputeTimeout, ComputeUnavailable, SessionGone } from '#ports/compute.ts';
import { ExecError } from '#ports/exec.ts';
import { StorageRefused, StorageUnavailable } from '#ports/storages.ts';
import { BadCursor, DocumentTooLarge, StoreBusy } from '#ports/store.ts';
import type { ApiEnv } from './context.ts';
import { problemResponse, toProblem, validationProblem } from './problem.ts';

const answer = async (
  problem: Problem,
  request: RequestInit = {},
): Promise<{ response: Response; body: Record<string, unknown> }> => {
  const app = new Hono<ApiEnv>();
  app.all('/', (c) => {
    c.set('request_id', 'req-1');
    return problemResponse(c, problem);
  });
  const response = await app.request('/', request);
  return { response, body: (await response.json()) as Record<string, unknown> };
};

describe('problemResponse', () => {
  it('is RFC 9457 with code, request id and whether to retry, for every code', async () => {
    for (const [code, status] of Object.entries(ERROR_STATUS)) {
      const { response, body } = await answer(new Problem(code as ErrorCode, 'A sentence.'));
      expect(response.status).toBe(status);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(body).toMatchObject({
        status,
        code,
        detail: 'A sentence.',
        request_id: 'req-1',
        type: `urn:onmemos:problem:${code}`,
      });
      expect(body.retryable).toBe(['rate_limited', 'unavailable', 'timeout'].includes(code));
    }
  });

  it('carries field errors and members of the case, which never replace its own', async () => {
    const details = { errors: [{ field: 'name', message: 'is too long' }], extra: { exec_id: 'exe-1', code: 'mine' } };
    const { body } = await answer(new Problem('invalid', 'name: is too long', details));
    expect(body).toMatchObject({ errors: details.errors, exec_id: 'exe-1', code: 'invalid' });
  });

  it('says in whole seconds when to come back', async () => {
    expect(
      (await answer(new Problem('rate_limited', 'Slow.', { retry_after: 0.2 }))).response.headers.get('retry-after'),
    ).toBe('1');
    expect((await answer(new Problem('unavailable', 'Later.'))).response.headers.get('retry-after')).toBe('1');
    expect((await answer(new Problem('conflict', 'No.'))).response.headers.get('retry-after')).toBeNull();
  });
});

describe('an outcome that is not known', () => {
  const unknown = new Problem('unavailable', 'Look first.', { outcome: 'unknown' });
  it.each([
    [{ method: 'POST' }, false],
    [{ method: 'POST', headers: { 'Idempotency-Key': 'k' } }, true],
    ...['GET', 'PUT', 'PATCH', 'DELETE'].map((method) => [{ method }, true] as const),
  ] as const)('%o: retryable is %s', async (request, retryable) => {
    const { response, body } = await answer(unknown, request);
    expect(body.retryable).toBe(retryable);
    expect(response.headers.get('retry-after')).toBe(retryable ? '1' : null);
  });

  it('leaves a POST retryable of which it is known that it had no effect', async () => {
    expect((await answer(toProblem(new StoreBusy('x')), { method: 'POST' })).body.retryable).toBe(true);
  });
});

describe('toProblem', () => {
  it.each([
    [new StoreBusy('x'), 'unavailable'],
    [new ComputeUnavailable('x'), 'unavailable'],
    [new StorageUnavailable('429'), 'unavailable'],
    [new StorageRefused('the bucket is not ours'), 'provider_failed'],
    [new ComputeTimeout('x'), 'timeout'],
    [new ComputeRefused('no such machine type'), 'provider_failed'],
    [new SessionGone('x'), 'session_not_running'],
    [new BadCursor('x'), 'invalid'],
    [new DocumentTooLarge('x'), 'too_large'],
    [new ExecError('no_such_exec', 'x'), 'not_found'],
    [new ExecError('no_such_session', 'x'), 'session_not_running'],
    [new ExecError('invalid', 'x'), 'invalid'],
    [new ExecError('past_end', 'x'), 'invalid'],
    [new ExecError('stdin_gap', 'x'), 'invalid'],
    [new ExecError('stdin_closed', 'x'), 'conflict'],
    [new ExecError('ended', 'x'), 'conflict'],
    [new ExecError('spawn_failed', 'x'), 'invalid'],
    [new ExecError('exhausted', 'x'), 'unavailable'],
    [new ExecError('too_many', 'x'), 'quota_exceeded'],
    [new ExecError('unavailable', 'x'), 'unavailable'],
  ])('%s is %s', (error, code) => {
    expect(toProblem(error).code).toBe(code);
  });

  it('says nothing of what it does not know, and keeps it as the cause', () => {
    const error = new Error('password is hunter2');
    const problem = toProblem(error);
    expect(problem.code).toBe('internal');
    expect(problem.message).not.toContain('hunter2');
    expect(problem.details.cause).toBe(error);
  });
});

describe('validationProblem', () => {
  it('names every field by its path, and the first in its sentence', () => {
    const schema = z.object({ gpu: z.object({ count: z.number().max(8, 'at most 8') }), name: z.string() });
    const parsed = schema.safeParse({ gpu: { count: 9 } });
    if (parsed.success) throw new Error('this is not valid');
    const problem = validationProblem(parsed.error);
    expect(problem.details.errors?.map(({ field }) => field)).toEqual(['gpu.count', 'name']);
    expect(problem.message).toBe('gpu.count: at most 8 (and 1 more)');
  });
});
