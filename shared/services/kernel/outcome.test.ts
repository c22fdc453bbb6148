import { expect, it } from 'vitest';
import { Documents } from '../../../test/simulation/doubles/documents.ts';
import { simulatedStore } from '../../../test/simulation/doubles/store.ts';
import { openIdeal } from '../../../test/simulation/world/ideal.ts';
import { LOST, type Trouble, troubledStore } from '../../../test/support/troubled-store.ts';
import { type Collection, StoreBusy } from '#ports/store.ts';
import { accounts, audit, sessions, userKey, users } from '../model/collections.ts';
import type { AuditDoc } from '../model/docs.ts';
import { createKey } from '../keys/create.ts';
import { authenticate } from '../keys/authenticate.ts';
import { createSession } from '../sessions/create/create.ts';
import { systemCall } from './call.ts';
import type { Deps } from './deps.ts';
import { type Draft, OutcomeUnknown, transact } from './draft.ts';
import { createLanes } from './lanes.ts';
import { unknownUser } from './users.ts';

const notes: Collection<{ readonly n: number }> = { name: 'notes', indexes: [] };

/** A store of notes, and work that counts up, with an audit entry or without. */
const opened = () => {
  const documents = new Documents([notes, audit]);
  const link = { reach: async <R>(_: string, effect: () => R) => effect(), pause: async () => undefined };
  const troubled = troubledStore(
    simulatedStore(documents, { ...link, tries: 3, watch: false, looks: () => true, copies: false }),
  );
  let runs = 0;
  const count = async (draft: Draft, audited = true) => {
    runs += 1;
    const n = ((await draft.get(notes, 'sum'))?.n ?? 0) + 1;
    draft.put(notes, 'sum', { n });
    if (audited) draft.create(audit, `evt-${runs}`, { id: `evt-${runs}` } as AuditDoc);
    return n;
  };
  const sum = () => documents.all(notes)[0]?.n ?? 0;
  return { troubled, store: troubled.store, count, sum, runs: () => runs };
};

it.each<[Trouble, number]>([
  ['lost after', 1],
  ['lost before', 2],
])('%s the commit: the audit entry tells, and it is done once', async (trouble, runs) => {
  const to = opened();
  to.troubled.trouble({ 1: trouble });
  expect(await transact(to.store, (draft) => to.count(draft))).toBe(1);
  expect([to.sum(), to.runs()]).toEqual([1, runs]);
});

it('is not known where the store can’t be asked, and where no answer comes again', async () => {
  const to = opened();
  to.troubled.trouble({ 1: 'lost after' });
  to.troubled.deaf = true;
  const deaf = transact(to.store, (draft) => to.count(draft));
  await expect(deaf).rejects.toBeInstanceOf(OutcomeUnknown);
  await expect(deaf).rejects.toMatchObject({ code: 'unavailable', cause: LOST, details: { outcome: 'unknown' } });
  expect(to.runs()).toBe(1);
  to.troubled.deaf = false;
  to.troubled.trouble({ 1: 'lost before', 2: 'lost before' });
  await expect(transact(to.store, (draft) => to.count(draft))).rejects.toBeInstanceOf(OutcomeUnknown);
  expect([to.sum(), to.runs()]).toEqual([1, 3]);
});

it('runs again what has no audit entry, from what is then on record', async () => {
  const to = opened();
  const raise = (least: number) => async (draft: Draft) => {
    const n = Math.max(least, (await draft.get(notes, 'sum'))?.n ?? 0);
    draft.put(notes, 'sum', { n });
    return n;
  };
  to.troubled.trouble({ 1: 'lost after' });
  expect(await transact(to.store, raise(7))).toBe(7);
  expect(to.sum()).toBe(7);
});

it('takes a first commit that shows itself only after the second for what was done', async () => {
  const to = opened();
  // The first is on its way when it is asked for; it arrives before the second, which then finds its note there.
  let late: (() => Promise<unknown>) | null = null;
  let calls = 0;
  const store = {
    ...to.store,
    get: async () => (++calls === 1 ? null : to.store.get(audit, 'evt-1')),
    transaction: async <R>(fn: Parameters<typeof to.store.transaction<R>>[0]) => {
      if (late !== null) {
        await late();
        late = null;
        return to.store.transaction(fn);
      }
      late = () => to.store.transaction(fn);
      await to.store.transaction(async (tx) => fn({ ...tx, create: () => undefined, put: () => undefined }));
      throw LOST;
    },
  } as typeof to.store;
  const make = async (draft: Draft) => {
    draft.create(notes, 'one', { n: 1 });
    draft.create(audit, `evt-1`, { id: `evt-1` } as AuditDoc);
    return 'made';
  };
  expect(await transact(store, make)).toBe('made');
});

it.each([new StoreBusy('busy'), new TypeError('broken')])(
  'asks nothing after an error that is none: $name',
  async (error) => {
    const to = opened();
    to.troubled.deaf = true;
    const work = async (draft: Draft) => {
      await to.count(draft);
      throw error;
    };
    await expect(transact(to.store, work)).rejects.toBe(error);
    expect(to.runs()).toBe(1);
  },
);

const world = async () => {
  const ideal = openIdeal(Date.parse('2026-03-16T10:20:00.000Z'));
  const troubled = troubledStore(ideal.deps.store);
  const deps: Deps = { ...ideal.deps, store: troubled.store, lanes: createLanes(troubled.store) };
  await deps.store.put(users, userKey('ann'), unknownUser(deps, 'ann'));
  const create = () => createSession(deps, systemCall('test'), { user: 'ann', provider: 'gke' });
  const live = async () => (await deps.store.get(accounts, userKey('ann')))?.data.live_sessions ?? 0;
  return { ideal, troubled, deps, create, live };
};

it.each<Trouble>(['lost after', 'lost before'])(
  'answers creates of one transaction that was %s the commit',
  async (trouble) => {
    const { ideal, troubled, create, live } = await world();
    troubled.trouble({ 1: trouble });
    const made = await Promise.all([create(), create(), create()]);
    const ids = ideal.documents.all(sessions).map(({ id }) => id);
    expect(made.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    expect([ids.length, await live()]).toEqual([3, 3]);
    expect(troubled.sizes()).toHaveLength(1);
  },
);

it('names the session where it is not known whether it was made, and makes none under another id', async () => {
  const { ideal, troubled, create } = await world();
  troubled.trouble({ 1: 'lost after' });
  troubled.deaf = true;
  const answers = await Promise.allSettled([create(), create()]);
  const named = answers.map((answer) => answer.status === 'rejected' && answer.reason);
  const ids = ideal.documents.all(sessions).map(({ id }) => id);
  expect(ids).toHaveLength(2);
  for (const problem of named)
    expect(problem).toMatchObject({ code: 'unavailable', name: 'Problem', details: { outcome: 'unknown' } });
  expect(named.map(({ details }) => details.extra.session_id).toSorted()).toEqual(ids.toSorted());
  expect(named[0].message).toContain(`GET /v1/sessions/${named[0].details.extra.session_id}`);
});

it('gives out the secret of a key whose commit was not answered', async () => {
  const { deps, troubled } = await world();
  troubled.trouble({ 1: 'lost after' });
  const key = await createKey(deps, systemCall('test'), { name: 'k', user_id: 'ann' });
  expect(
    await authenticate({ ...deps, background: { ...deps.background, run: () => undefined } }, key.secret ?? ''),
  ).toMatchObject({ user_id: 'ann' });
});
