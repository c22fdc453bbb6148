import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SESSION_STATUSES } from '#contract/entities/session.ts';
import {
  canFollow,
  endStatus,
  isTerminal,
  REASONS,
  STATUS_REASONS,
  statusMessage,
  TRANSITIONS,
  toStatusReason,
} from './lifecycle.ts';
import { expiresAt, extend, latestEnd } from './ttl.ts';

describe('statuses', () => {
  it('allow exactly these steps', () => {
    const steps = SESSION_STATUSES.flatMap((from) =>
      SESSION_STATUSES.filter((to) => canFollow(from, to)).map((to) => `${from} ${to}`),
    );
    expect(steps).toEqual([
      'creating running',
      'creating terminating',
      'running terminating',
      'terminating terminated',
      'terminating failed',
    ]);
  });

  it('end, whatever path is taken', () => {
    const ends = SESSION_STATUSES.filter(isTerminal);
    expect(ends).toEqual(['terminated', 'failed']);
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 3, maxLength: 3 }), (choices) => {
        let status: (typeof SESSION_STATUSES)[number] = 'creating';
        for (const choice of choices) {
          const next: readonly (typeof SESSION_STATUSES)[number][] = TRANSITIONS[status];
          status = next[choice % Math.max(1, next.length)] ?? status;
        }
        expect(isTerminal(status)).toBe(true);
      }),
    );
  });
});

describe('status reasons', () => {
  it('each say what happened and what to do', () => {
    for (const reason of STATUS_REASONS) {
      expect(REASONS[reason].what).toMatch(/^[A-Z].*\.$/);
      expect(REASONS[reason].advice).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('end as terminated where somebody or a limit of time or money asked for it', () => {
    expect(STATUS_REASONS.filter((reason) => endStatus(reason) === 'terminated')).toEqual([
      'expired',
      'user_requested',
      'force_deleted',
      'workspace_deleted',
      'user_deleted',
      'budget_exceeded',
    ]);
  });

  it('keep the provider’s own words', () => {
    expect(statusMessage('provider_refused', 'no quota for T4')).toBe(
      'no quota for T4. Change what the sentence names, or ask for another provider.',
    );
    expect(statusMessage('expired')).toMatch(/^The session reached the end/);
    expect(toStatusReason('image_failed')).toBe('image_failed');
    expect(toStatusReason('constructor')).toBe('provider_failed');
    expect(toStatusReason(null)).toBe('provider_failed');
  });
});

describe('time to live', () => {
  const created_at = Date.UTC(2026, 10, 22);
  const minutes = (n: number) => n * 60_000;

  it('counts from the creation, and an extension from now', () => {
    expect(expiresAt(created_at, 60)).toBe(created_at + minutes(60));
    expect(extend({ now: created_at + minutes(10), created_at, ttl_minutes: 30 })).toEqual({
      ok: true,
      expires_at: created_at + minutes(40),
    });
  });

  it('says how much is left where too much is asked', () => {
    const asked = { now: created_at + minutes(1000) + 1, created_at, ttl_minutes: 441 };
    expect(extend(asked)).toMatchObject({ ok: false, field: 'ttl_minutes', longest_ttl_minutes: 439 });
    expect(extend({ ...asked, ttl_minutes: 439 }).ok).toBe(true);
    expect(
      extend({ now: created_at + minutes(59), created_at, ttl_minutes: 5, longest_life_minutes: 60 }),
    ).toMatchObject({
      message: expect.stringContaining('at most 1 more minute is possible'),
    });
  });

  it('never reaches past the longest life, and always grants what it offers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: minutes(2000) }), fc.integer({ min: 1, max: 1440 }), (age, ttl_minutes) => {
        const asked = { now: created_at + age, created_at };
        const result = extend({ ...asked, ttl_minutes });
        if (result.ok) expect(result.expires_at).toBeLessThanOrEqual(latestEnd(created_at));
        else if (result.longest_ttl_minutes > 0) {
          expect(extend({ ...asked, ttl_minutes: result.longest_ttl_minutes }).ok).toBe(true);
        }
      }),
    );
  });
});
