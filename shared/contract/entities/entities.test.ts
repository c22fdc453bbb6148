import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import values from '../../../test/vectors/values.json' with { type: 'json' };
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DisplayName,
  Env,
  ExecId,
  KeyId,
  Labels,
  Namespace,
  SessionId,
  StorageName,
  UserId,
  WorkspaceId,
} from './common.ts';
import { Execute, ExecStart, Signal } from './exec.ts';
import { SessionCreate, SessionListQuery, SessionUpdate } from './session.ts';
import { ShellRequest } from './shell.ts';
import { WorkspaceCreate } from './workspace.ts';

const VALUES = values as unknown as { readonly user: readonly (readonly [string, string | null])[] };

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown): boolean =>
  schema.safeParse(value).success;

describe('names', () => {
  const all = { WorkspaceId, Namespace, StorageName, SessionId, ExecId, KeyId };

  it.each(Object.entries(all))('%s can be a path segment, a label and a folder, whatever it is', (_name, schema) => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 0, maxLength: 200 }), (text) => {
        if (!accepts(schema, text)) return;
        expect(text).toMatch(/^[A-Za-z0-9_@+.-]+$/);
        expect(['.', '..']).not.toContain(text);
        expect(text.length).toBeLessThanOrEqual(128);
      }),
    );
  });

  it.each(Object.entries(all))('%s is nothing that climbs, hides or breaks a line', (_name, schema) => {
    for (const text of [
      '',
      '.',
      '..',
      '../x',
      'a/b',
      'a\\b',
      'a\0',
      'a\n',
      'a\r\nb',
      ' a',
      '.a',
      '%2e',
      'ä',
      '😀',
      'a b',
      '$(id)',
      'a;b',
    ]) {
      expect(accepts(schema, text), JSON.stringify(text)).toBe(false);
    }
  });

  it.each(VALUES.user)('of users: %j', (given, name) => {
    expect(UserId.safeParse(given).data ?? null).toBe(name);
  });

  it('of users have at most 128 characters, of any size', () => {
    expect(accepts(UserId, '𠮷'.repeat(128))).toBe(true);
    expect(accepts(UserId, '𠮷'.repeat(129))).toBe(false);
    expect(accepts(UserId, '\ud800')).toBe(false);
  });

  it('for people are one line', () => {
    expect(accepts(DisplayName, 'Jane’s workspace ✨')).toBe(true);
    for (const text of ['', 'a\nb', 'a\u0007', 'a\u2028b', 'x'.repeat(201)])
      expect(accepts(DisplayName, text)).toBe(false);
  });
});

describe('a session is created', () => {
  it('as v3 clients ask for it', () => {
    const body = {
      workspace_id: 'my-workspace',
      template: 'python',
      namespace: 'project1',
      user: 'developer',
      ttl_minutes: 60,
      resource_package: 'ML_T4_LARGE',
      resource_spec: {
        cpu_size: 'medium',
        memory_size: 'large',
        custom_cpu_request: '1.5',
        custom_memory_request: '6Gi',
      },
      image_spec: { image_type: 'python', image_tag: '3.11-slim' },
      gpu_spec: { gpu_type: 't4', gpu_count: 2 },
      request_persistent_storage: true,
      persistent_storage_size_gb: 50,
      storage_config: { volume: 'default', bucket: 'default' },
      env: { PYTHONPATH: '/workspace/src', API_KEY: 'secret-key' },
      needs_ssh: false,
      long_lived: false,
      workspace_owner: null,
    };
    expect(SessionCreate.parse(body)).toEqual({ ...body, resource_package: 'ml_t4_large' });
  });

  it('as v2 clients ask for it', () => {
    const body = { provider: 'gke', template: 'python', namespace: 'p', user: 'developer', resource_tier: 'medium' };
    expect(SessionCreate.parse(body)).toEqual(body);
  });

  it.each([
    { ttl_minutes: 0 },
    { ttl_minutes: 1441 },
    { gpu_count: 9 },
    { persistent_storage_size_gb: 0 },
    { provider: 'aws' },
    { user: '../etc' },
    { image_spec: { image_url: 'x; rm -rf /' } },
    { image_spec: { image_url: '-v' } },
  ])('never with %j', (body) => {
    expect(accepts(SessionCreate, body)).toBe(false);
  });

  it('and changed by at least one thing', () => {
    expect(accepts(SessionUpdate, {})).toBe(false);
    expect(accepts(SessionUpdate, { ttl_minutes: 5 })).toBe(true);
  });
});

describe('a workspace is created with the seed’s enum names and values', () => {
  it.each(['dev_medium', 'DEV_MEDIUM'])('%s', (resource_package) => {
    const body = { user_id: 'developer', workspace_id: 'w', name: 'W', resource_package };
    expect(WorkspaceCreate.parse(body).resource_package).toBe('dev_medium');
  });
});

describe('a list of sessions is asked for', () => {
  it('by filters that old clients leave empty', () => {
    expect(SessionListQuery.parse({ namespace: '', user: '' })).toEqual({});
    expect(SessionListQuery.parse({ namespace: 'project1', user: 'developer' })).toEqual({
      namespace: 'project1',
      user: 'developer',
    });
    expect(SessionListQuery.safeParse({ user: 'a/b' }).success).toBe(false);
  });
});

describe('an environment', () => {
  it('has names that a shell takes, and bounds', () => {
    expect(accepts(Env, { A_1: 'x\ny', _: '' })).toBe(true);
    for (const name of ['', '1A', 'A-B', 'A=B', 'A B', 'Ä']) expect(accepts(Env, { [name]: 'x' }), name).toBe(false);
    expect(accepts(Env, { A: 'x\0' })).toBe(false);
    expect(accepts(Env, { A: 'x'.repeat(32_769) })).toBe(false);
    expect(accepts(Env, Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`A${i}`, 'x'.repeat(32_000)])))).toBe(
      false,
    );
  });
});

describe('labels', () => {
  it('leave the reserved ones alone', () => {
    expect(accepts(Labels, { team: 'Ä', 'a.b/c-d_e': '' })).toBe(true);
    expect(accepts(Labels, { onmemos_session: 'x' })).toBe(false);
    expect(accepts(Labels, { 'onmemos/x': 'x' })).toBe(false);
    expect(accepts(Labels, Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`a${i}`, ''])))).toBe(false);
  });
});

describe('a command', () => {
  it('is text without NUL, for 1 to 3000 seconds', () => {
    expect(accepts(Execute, { command: 'ls', timeout: 120 })).toBe(true);
    for (const body of [
      {},
      { command: '' },
      { command: 'a\0' },
      { command: 'a', timeout: 0 },
      { command: 'a', timeout: 3001 },
    ]) {
      expect(accepts(Execute, body)).toBe(false);
    }
  });

  it('is either text or argv', () => {
    expect(accepts(ExecStart, { command: 'ls' })).toBe(true);
    expect(accepts(ExecStart, { argv: ['ls'] })).toBe(true);
    for (const body of [{}, { command: 'ls', argv: ['ls'] }, { argv: [] }, { argv: ['a\0'] }])
      expect(accepts(ExecStart, body)).toBe(false);
  });

  it('is sent signals by name, with or without SIG', () => {
    for (const signal of ['TERM', 'sigterm', 'SIGTERM']) expect(Signal.parse({ signal })).toEqual({ signal: 'TERM' });
    expect(accepts(Signal, { signal: '9' })).toBe(false);
    const { numbers, sendable } = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../../test/vectors/signals.json'), 'utf8'),
    ) as { numbers: Readonly<Record<string, number>>; sendable: readonly string[] };
    expect(
      Object.keys(numbers)
        .filter((signal) => accepts(Signal, { signal }))
        .sort(),
    ).toEqual([...sendable].sort());
  });

  it('comes to a shell in a message of its own', () => {
    expect(ShellRequest.parse({ type: 'command', command: 'ls' })).toEqual({ type: 'command', command: 'ls' });
    expect(accepts(ShellRequest, { type: 'command', command: 7 })).toBe(false);
  });
});
