import type { SessionRecord } from 'onmemos';
import { describe, expect, it } from 'vitest';
import { pickId, pickSession, refuseEnded } from './find.ts';

const IDS = ['ses-01aa', 'ses-01ab', 'ses-02', 'ses-02x', 'run'];
const pick = (typed: string): string => pickId(typed, IDS, 'session', 'onmemos sessions ls');

describe('an id', () => {
  it('may be shortened, with or without its kind, as long as one alone begins so', () => {
    expect([pick('ses-01aa'), pick('ses-01ab'), pick('01ab'), pick('r')]).toEqual([
      'ses-01aa',
      'ses-01ab',
      'ses-01ab',
      'run',
    ]);
  });

  it('that is typed whole is itself, though others begin with it', () => {
    expect(pick('ses-02')).toBe('ses-02');
  });

  it('is refused where several begin so, naming them, or none', () => {
    expect(() => pick('ses-01a')).toThrow(/2 sessions begin with ses-01a:\n {2}ses-01aa\n {2}ses-01ab/);
    expect(() => pick('ses-03')).toThrow('There is no session ses-03.');
  });
});

const session = (id: string, name: string | null, created_at: string, ended_at: string | null): SessionRecord =>
  ({
    id,
    labels: name === null ? {} : { name },
    created_at,
    ended_at,
    status_message: 'The session ended. PATCH ttl_minutes on a running session gives it more time.',
  }) as unknown as SessionRecord;

describe('a session by its name', () => {
  const older = session('ses-1', 'box', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z');
  const newer = session('ses-2', 'box', '2026-01-02T00:00:00Z', '2026-01-02T01:00:00Z');
  const live = session('ses-0', 'box', '2026-01-01T00:00:00Z', null);

  it('is the live one, else the last that ended', () => {
    expect(pickSession('box', [older, live, newer])).toBe(live);
    expect(pickSession('box', [newer, older])).toBe(newer);
    expect(() => pickSession('box', [live, { ...live, id: 'ses-3' }])).toThrow(/2 sessions are named box/);
    expect(() => pickSession('bo', [newer])).toThrow('There is no session bo.');
  });

  it('is not an ended one when an id begins so', () => {
    const short = session('ses-9', '01', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z');
    const other = session('ses-01', null, '2026-01-01T00:00:00Z', null);
    expect(pickSession('01', [short, other])).toBe(other);
  });

  it('says that it has ended, which it is and why', () => {
    expect(() => refuseEnded(live)).not.toThrow();
    expect(() => refuseEnded(newer)).toThrow(
      'Session ses-2 (box) has ended. The session ended. `onmemos sessions set SESSION --ttl DURATION` gives',
    );
  });
});
