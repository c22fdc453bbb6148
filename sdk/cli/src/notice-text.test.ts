import type { AuditEvent } from 'onmemos';
import { expect, it } from 'vitest';
import { noticeText } from './notice-text.ts';

const said = (detail: Readonly<Record<string, unknown>>, action = 'notice') =>
  noticeText({ action, detail } as unknown as AuditEvent);

it('says each kind of notice in a sentence', () => {
  expect(said({ kind: 'session.ending', expires_at: '2026-11-22T18:00:00.000Z' })).toMatch(
    /^The session ends at 2026-11-2\d \d\d:\d\d:\d\d\. `onmemos sessions set` moves its end\.$/,
  );
  expect(said({ kind: 'session.reclaiming', reclaim_at: null })).toBe(
    'The provider takes the machine back soon. Save what you need.',
  );
  expect(said({ kind: 'session.reclaiming', reclaim_at: '2026-11-22T18:00:00.000Z' })).toMatch(/back at 2026-11-2/);
  const budget = { kind: 'budget.threshold', percent: 80, month: '2026-11', used_usd: 8.5, budget_usd: 10 };
  expect(said(budget)).toBe('80 % of the budget for 2026-11 is used: $8.50 of $10.00.');
});

it('leaves other entries as they are, and kinds of a later server', () => {
  expect(said({ kind: 'session.ending' }, 'sessions.create')).toBeNull();
  expect(said({ kind: 'moon.rising' })).toBeNull();
});
