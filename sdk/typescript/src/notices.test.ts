import { expect, it } from 'vitest';
import { Unauthenticated, Unavailable } from './errors.ts';
import { inAudit, inSession, type Notice, NoticeWatch } from './notices.ts';
import { Listing } from './pages.ts';
import type { AuditEvent } from './types.ts';

const entry = (id: string, action = 'notice'): AuditEvent => ({
  ...{ id, action, at: '2026-01-01T00:00:00.000Z', workspace_owner: null, workspace_id: null, session_id: null },
  ...{ target: null, request_id: null, detail: { kind: 'session.ending' } },
  actor: { kind: 'system', key_id: null, user_id: null, job: 'notices' },
});

/** Answers one list after the other, the last for ever; an error is thrown. */
const serving = (...answers: readonly (readonly AuditEvent[] | Error)[]) => {
  let asked = 0;
  const list = () =>
    new Listing<AuditEvent>(async () => {
      const answer = answers[Math.min(asked++, answers.length - 1)];
      if (answer instanceof Error) throw answer;
      return { items: answer ?? [], next_cursor: null };
    });
  return { list, asked: () => asked };
};

const busy = new Unavailable({ code: 'unavailable', message: 'busy', retryable: true });

it('of a session tells of each notice once, from its beginning, and ends with it', async () => {
  const [a, b, c] = [entry('evt-1'), entry('evt-2'), entry('evt-0')];
  // One that comes late stands before those that were there.
  const { list } = serving(
    [entry('evt-x', 'sessions.create'), a],
    busy,
    [c, a, b],
    [c, a, b, entry('evt-9', 'session.terminated')],
  );
  const told: Notice[] = [];
  await new NoticeWatch(inSession(list), (notice) => void told.push(notice), { everyMs: 1 }).ended;
  expect(told.map(({ id, kind }) => `${id} ${kind}`)).toEqual([
    'evt-1 session.ending',
    'evt-0 session.ending',
    'evt-2 session.ending',
  ]);
});

it('of a user tells of what comes after the first question, the oldest first', async () => {
  const { list } = serving([entry('evt-1')], [entry('evt-3'), entry('evt-2'), entry('evt-1')]);
  const told: string[] = [];
  const watch: NoticeWatch = new NoticeWatch(
    inAudit(list),
    ({ id }) => {
      told.push(id);
      if (told.length === 2) watch.stop();
    },
    { everyMs: 1 },
  );
  await watch.ended;
  expect(told).toEqual(['evt-2', 'evt-3']);
});

it('ends with an error that does not pass, and says so', async () => {
  const { list, asked } = serving(busy, new Unauthenticated({ code: 'unauthenticated', message: 'revoked' }));
  const errors: unknown[] = [];
  await new NoticeWatch(inSession(list), () => undefined, { everyMs: 1, onError: (error) => errors.push(error) }).ended;
  expect(errors).toEqual([expect.objectContaining({ code: 'unauthenticated' })]);
  expect(asked()).toBe(2);
});

it('ends with an error of its callback', async () => {
  const { list } = serving([entry('evt-1')]);
  const errors: unknown[] = [];
  const told = () => Promise.reject(new Error('mine'));
  await new NoticeWatch(inSession(list), told, { onError: (error) => errors.push(error) }).ended;
  expect(String(errors[0])).toBe('Error: mine');
  await expect(new NoticeWatch(inSession(list), told, {}).ended).rejects.toThrow('mine');
});

it('ends when it is stopped, by itself or by a signal, and says nothing', async () => {
  const { list } = serving([]);
  const stop = new AbortController();
  const fail = (): never => {
    throw new Error('nothing failed');
  };
  const watches = [1, 2].map(() => new NoticeWatch(inSession(list), fail, { onError: fail, signal: stop.signal }));
  watches[0]?.stop();
  await watches[0]?.ended;
  stop.abort();
  await watches[1]?.ended;
});
