import type { Exec, SessionRecord } from 'onmemos';
import { describe, expect, it } from 'vitest';
import { pickExec, pickId, pickSession, refuseEnded } from './find.ts';
import { helperCommand } from './helper-commands.ts';

const IDS = ['ses-01aa', 'ses-01ab', 'ses-02', 'ses-02x', 'run'];
const pick = (typed: string): string => pickId(typed, [IDS], 'session', 'onmemos sessions ls');

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
    user: 'ada',
    workspace_owner: 'ada',
    workspace_id: 'lab',
    status_message: 'The session ended. PATCH ttl_minutes on a running session gives it more time.',
  }) as unknown as SessionRecord;

describe('a session by its name', () => {
  const older = session('ses-1', 'box', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z');
  const newer = session('ses-2', 'box', '2026-01-02T00:00:00Z', '2026-01-02T01:00:00Z');
  const live = session('ses-0', 'box', '2026-01-01T00:00:00Z', null);

  it('is the live one, else the last that ended', () => {
    expect(pickSession('box', [older, live, newer])).toBe(live);
    expect(pickSession('box', [newer, older])).toBe(newer);
    expect(() => pickSession('box', [live, { ...live, id: 'ses-3' }])).toThrow(
      /2 live sessions are named box:\n {2}ses-0 \(box\) of ada, in ada\/lab, created .* ago\n {2}ses-3 \(box\)/,
    );
    expect(() => pickSession('bo', [newer])).toThrow('There is no session bo.');
  });

  it('is not an ended one when an id begins so', () => {
    const short = session('ses-9', '01', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z');
    const other = session('ses-01', null, '2026-01-01T00:00:00Z', null);
    expect(pickSession('01', [short, other])).toBe(other);
  });

  it('is a live one, though ended ones begin so too', () => {
    const ended = [session('ses-01a', null, '2026-01-03T00:00:00Z', '2026-01-03T01:00:00Z'), newer, older];
    const running = session('ses-01b', null, '2026-01-01T00:00:00Z', null);
    expect(pickSession('ses-01', [...ended, running])).toBe(running);
    expect(pickSession('ses-01', ended)).toBe(ended[0]);
    expect(pickSession('ses-01a', [...ended, running])).toBe(ended[0]);
    expect(() => pickSession('ses', ended)).toThrow(/3 sessions begin with ses:/);
  });

  it('says that it has ended, which it is and why', () => {
    expect(() => refuseEnded(live)).not.toThrow();
    expect(() => refuseEnded(newer)).toThrow(
      'Session ses-2 (box) has ended. The session ended. `onmemos sessions set SESSION --ttl DURATION` gives',
    );
  });
});

describe('a command', () => {
  const exec = (exec_id: string, started_at: string, status: Exec['status'], argv: string[] = ['true']): Exec =>
    ({ exec_id, started_at, status, argv, command: null }) as unknown as Exec;
  const copy = (exec_id: string, started_at: string, status: Exec['status']): Exec =>
    exec(exec_id, started_at, status, helperCommand('exec tar -xf -', '/tmp'));
  const pickedFrom = (typed: string | undefined, ...execs: Exec[]) => pickExec(typed, execs, 'jobs')?.exec_id;

  it('without an id is the last that runs, else the last, and never a copy', () => {
    const ended = exec('exe-1', '2026-01-01T00:00:01Z', 'exited');
    const runs = exec('exe-2', '2026-01-01T00:00:00Z', 'running');
    const copies = [copy('exe-3', '2026-01-01T00:00:02Z', 'exited'), copy('exe-4', '2026-01-01T00:00:03Z', 'running')];
    expect(pickedFrom(undefined, ended, runs, ...copies)).toBe('exe-2');
    expect(pickedFrom(undefined, ended, ...copies)).toBe('exe-1');
    expect(pickedFrom(undefined, ...copies)).toBeUndefined();
  });

  it('by the beginning of its id is one that runs, else another, and a copy last', () => {
    const ended = exec('exe-a1', '2026-01-01T00:00:00Z', 'exited');
    const runs = exec('exe-a2', '2026-01-01T00:00:00Z', 'running');
    const copied = copy('exe-a3', '2026-01-01T00:00:00Z', 'running');
    expect(pickedFrom('exe-a', ended, runs, copied)).toBe('exe-a2');
    expect(pickedFrom('exe-a', ended, copied)).toBe('exe-a1');
    expect(pickedFrom('a', copied)).toBe('exe-a3');
    expect(pickedFrom('exe-a1', ended, runs, copied)).toBe('exe-a1');
    expect(() => pickedFrom('exe-a', ended, { ...ended, exec_id: 'exe-a4' })).toThrow(/2 commands begin with exe-a:/);
  });
});
