import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_STATUS } from '../../../shared/contract/errors.ts';
import * as errors from './errors.ts';
import { HINTS } from './hints.ts';
import { problemError } from './problem.ts';

const answer = (status: number, body: object | string, headers: Record<string, string> = {}) =>
  problemError({
    status,
    headers: new Headers(headers),
    text: typeof body === 'string' ? body : JSON.stringify(body),
  });

const { not_started } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../test/vectors/signals.json'), 'utf8'),
) as { not_started: readonly { field: string; exit_code: number | null }[] };

const problem = (code: string, more: object = {}): object => ({
  type: `urn:onmemos:problem:${code}`,
  title: 'A title',
  status: 400,
  detail: 'What is wrong.',
  code,
  request_id: 'req-1',
  retryable: false,
  ...more,
});

const CLASSES: Record<keyof typeof ERROR_STATUS, new (...given: never[]) => errors.OnMemOSError> = {
  malformed: errors.Malformed,
  unauthenticated: errors.Unauthenticated,
  forbidden: errors.Forbidden,
  not_found: errors.NotFound,
  conflict: errors.Conflict,
  session_not_running: errors.SessionNotRunning,
  entitlement_denied: errors.EntitlementDenied,
  quota_exceeded: errors.QuotaExceeded,
  storage_exceeded: errors.StorageExceeded,
  budget_exceeded: errors.BudgetExceeded,
  too_large: errors.TooLarge,
  invalid: errors.Invalid,
  idempotency_mismatch: errors.IdempotencyMismatch,
  rate_limited: errors.RateLimited,
  internal: errors.Internal,
  provider_failed: errors.ProviderFailed,
  unavailable: errors.Unavailable,
  timeout: errors.ProviderTimeout,
};

describe('problemError', () => {
  it('says how a command ended that could not be started, as the vectors do', () => {
    const codes = not_started.map(({ field, exit_code }) => {
      const errors_ = [{ field, message: 'some words' }];
      const error = answer(422, problem('invalid', { errors: errors_, ...(exit_code === null ? {} : { exit_code }) }));
      return error instanceof errors.Invalid ? error.exit_code : undefined;
    });
    expect(codes.length).toBeGreaterThan(10);
    expect(codes).toEqual(not_started.map(({ exit_code }) => exit_code));
  });

  it.each(Object.entries(ERROR_STATUS))('has a class and a hint of its own for %s', (code, status) => {
    const error = answer(status, problem(code));
    const Class = CLASSES[code as keyof typeof ERROR_STATUS];
    expect(error).toBeInstanceOf(Class);
    expect(error).toBeInstanceOf(errors.OnMemOSError);
    expect(error.constructor).toBe(Class);
    expect(error.name).toBe(Class.name);
    expect(error).toMatchObject({ code, status, request_id: 'req-1' });
    expect(error.hint).toBe(HINTS[code]);
    expect(error.hint).not.toBe('');
  });

  it('keeps the server’s sentence, but for a key that is not accepted', () => {
    expect(answer(409, problem('conflict')).message).toBe('What is wrong.');
    expect(answer(401, problem('unauthenticated')).message).toBe('Authentication failed - check API key');
  });

  it('says what was not found, whatever the sentence begins with', () => {
    const of = (more: object) =>
      answer(404, problem('not_found', { detail: 'Session s, exec e.', ...more })).constructor;
    expect(of({ resource: 'session' })).toBe(errors.SessionNotFound);
    expect(of({ resource: 'workspace' })).toBe(errors.WorkspaceNotFound);
    expect(of({ resource: 'exec' })).toBe(errors.ExecNotFound);
    expect(of({ resource: 'volume' })).toBe(errors.NotFound);
    expect(of({})).toBe(errors.NotFound);
  });

  it('has fields, seconds to wait and what else the answer says', () => {
    const fields = [{ field: 'user', message: 'is missing' }];
    expect(answer(422, problem('invalid', { errors: fields })).errors).toEqual(fields);
    expect(answer(409, problem('conflict', { exec_id: 'exe-1' })).extra).toEqual({ exec_id: 'exe-1' });
    expect(answer(429, problem('rate_limited'), { 'retry-after': '7' }).retry_after).toBe(7);
    const at = new Date(Date.now() + 3_600_000).toUTCString();
    expect(answer(503, problem('unavailable'), { 'retry-after': at }).retry_after).toBeGreaterThan(3000);
    expect(answer(503, problem('unavailable'), { 'retry-after': 'soon' }).retry_after).toBeNull();
  });

  it('tries again what the server says can be tried again', () => {
    expect(answer(500, problem('internal')).retryable).toBe(false);
    expect(answer(502, problem('provider_failed')).retryable).toBe(false);
    expect(answer(504, problem('timeout', { retryable: true })).retryable).toBe(true);
    expect(answer(409, problem('conflict', { retryable: true })).retryable).toBe(true);
    expect(answer(503, problem('unavailable')).retryable).toBe(true);
    expect(answer(429, problem('rate_limited')).retryable).toBe(true);
  });

  it('takes the answers of proxies for what they are: the server was not heard', () => {
    for (const status of [429, 500, 502, 503, 504]) {
      expect([status, answer(status, '<html>').retryable]).toEqual([status, true]);
    }
    for (const status of [400, 401, 403, 404, 409, 413, 422]) {
      expect([status, answer(status, '<html>').retryable]).toEqual([status, false]);
    }
    expect(answer(413, '<html>')).toBeInstanceOf(errors.TooLarge);
    expect(answer(404, '[1]')).toBeInstanceOf(errors.NotFound);
    expect(answer(418, '').code).toBe('internal');
  });

  it('keeps a code that a later server has', () => {
    const error = answer(409, problem('later_code'));
    expect(error.constructor).toBe(errors.OnMemOSError);
    expect(error.code).toBe('later_code');
  });
});
