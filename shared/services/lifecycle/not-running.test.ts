import { expect, it } from 'vitest';
import { endStatus, REASONS, STATUS_REASONS, statusMessage } from '#domain/lifecycle.ts';
import { whyNotRunning } from './not-running.ts';

const AT = '2026-11-27T10:00:00.000Z';

it.each(STATUS_REASONS)('says which session has ended, why, when and what to do: %s', (reason) => {
  const { what, advice } = REASONS[reason];
  const ended = { id: 'ses-1', status: endStatus(reason), status_reason: reason, ended_at: AT, end: null };
  const said = whyNotRunning({ ...ended, status_message: statusMessage(reason) });
  expect(said).toBe(`Session ses-1 has ended: ${what.slice(0, -1)} (${AT}). ${advice}`);
  const words = whyNotRunning({ ...ended, status_message: statusMessage(reason, 'It wrote 2 GB') });
  expect(words).toBe(`Session ses-1 has ended: It wrote 2 GB (${AT}). ${advice}`);
});

it('says what it knows of one that is ending, or of which nothing was recorded', () => {
  const end = { reason: 'expired', message: '', status: 'terminated', force: false, requested_at: AT } as const;
  const ending = { id: 'ses-1', status: 'terminating', ended_at: null, end } as const;
  const expired = { status_reason: 'expired', status_message: statusMessage('expired') } as const;
  expect(whyNotRunning({ ...ending, ...expired })).toMatch(
    /^Session ses-1 is ending: The session reached the end of its time to live \(2026-.*Z\)\. Create a new one/,
  );
  const nothing = { id: 'ses-1', status: 'failed', status_reason: null, status_message: null } as const;
  expect(whyNotRunning({ ...nothing, ended_at: null, end: null })).toMatch(
    /^Session ses-1 has ended: The session ended by itself before it was asked to\. See its events/,
  );
});
