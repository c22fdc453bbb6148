import type { AuditEvent, OnMemOSClient } from 'onmemos';
import { describe, expect, it } from 'vitest';
import { actedByKey, eventLine, keyNames } from './event-lines.ts';

const event = (given: { actor?: Partial<AuditEvent['actor']>; detail?: AuditEvent['detail'] }): AuditEvent =>
  ({
    at: '2026-01-01T00:00:00.000Z',
    action: 'session.terminated',
    target: null,
    detail: given.detail ?? {},
    actor: { kind: 'key', key_id: 'key-1', user_id: null, job: null, ...given.actor },
  }) as AuditEvent;

const shown = (given: Parameters<typeof event>[0], keys = new Map<string, string>()): string =>
  eventLine(event(given), keys, (text) => text).slice('2026-01-01 00:00:00  '.length);

describe('an event', () => {
  it('names its actor: the user, else the key by its name, else the server', () => {
    expect(shown({ actor: { user_id: 'ann' } })).toBe('session.terminated    ann');
    expect(shown({}, new Map([['key-1', 'robot']]))).toBe('session.terminated    robot');
    expect(shown({})).toBe('session.terminated    key-1');
    expect(shown({ actor: { kind: 'system', key_id: null, job: 'converge' } })).toBe(
      'session.terminated    the server',
    );
    expect(actedByKey(event({}))).toBe(true);
    expect(actedByKey(event({ actor: { user_id: 'ann' } }))).toBe(false);
  });

  it('shows money as money, time as time, and names as they are', () => {
    const detail = {
      reason: 'user_requested',
      billed_nano_usd: 3_348_843,
      milliseconds_to_running: 778,
      resource_package: 'dev_medium',
      expires_at: '2026-01-01T01:00:00.000Z',
      force: false,
      ended: 0,
      none: null,
    };
    expect(
      shown({ detail })
        .replace(/^.*?key-1 +/, '')
        .replace(/2026-01-01 \d\d/, '2026-01-01 hh'),
    ).toBe(
      'reason user requested, billed $0.0033, running after 0.8s, resource package dev_medium, expires at 2026-01-01 hh:00:00, ended 0',
    );
  });

  it('has the id of its key where the caller may not see keys', async () => {
    const list = () => ({ all: () => Promise.reject(new Error('forbidden')) });
    expect((await keyNames({ keys: { list } } as unknown as OnMemOSClient)).size).toBe(0);
  });
});

it('an event that is wider than the terminal goes on in lines of its own', () => {
  const one = event({
    actor: { user_id: 'somebody@a-long-name.example' },
    detail: { message: 'all that was said of it' },
  });
  expect(eventLine(one, new Map(), (text) => text, 60)).toBe(
    ['2026-01-01 00:00:00  session.terminated    somebody@a-long-…', '    message all that was said of it'].join('\n'),
  );
  const whole = eventLine(one, new Map(), (text) => text);
  expect(eventLine(one, new Map(), (text) => text, whole.length)).toBe(whole);
});
