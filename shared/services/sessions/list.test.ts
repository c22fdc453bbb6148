import { beforeAll, describe, expect, it } from 'vitest';
import { type Ideal, openIdeal } from '../../../test/simulation/world/ideal.ts';
import { iso } from '#ports/clock.ts';
import { type Call, systemCall } from '../kernel/call.ts';
import { memberKey, members, sessions, workspaceKey } from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';
import { sessionTerms } from '../model/terms.ts';
import { createSession } from './create/create.ts';
import { listSessions } from './list.ts';

const START = Date.parse('2026-03-16T10:20:00.000Z');
const COUNT = 5_000;

/** 5,000 sessions of 50 owners, each tenth ended a week ago; a label on every 500th, another on every second. */
let ideal: Ideal;
let all: readonly SessionDoc[];
beforeAll(async () => {
  ideal = openIdeal(START);
  const { deps } = ideal;
  const { id: first } = await createSession(deps, systemCall('test'), { user: 'ann', provider: 'gke' });
  const example = (await deps.store.get(sessions, first))?.data as SessionDoc;
  await deps.store.delete(sessions, first);
  const made = Array.from({ length: COUNT }, (_, i): SessionDoc => {
    const owner = `user-${i % 50}`;
    const ended = i % 10 === 9;
    const labels = { ...(i % 500 === 0 ? { rare: `n${i % 1000}` } : {}), ...(i % 2 === 0 ? { often: '=' } : {}) };
    const id = `ses-${String(i).padStart(26, '0')}`;
    const namespace = i % 1000 === 1 ? 'small' : 'default';
    return {
      ...{ ...example, id, user: owner, workspace_owner: owner, workspace_key: workspaceKey(owner, 'default') },
      ...{ namespace, labels, terms: sessionTerms({ namespace, labels }), workspace_id: 'default' },
      ...(ended
        ? { status: 'terminated', live: null, recent: null, ended_at: iso(START - 7 * 86_400_000) }
        : { status: 'running' }),
    };
  });
  for (const doc of made) await deps.store.put(sessions, doc.id, doc);
  // user-0 is also a member of the workspace of user-1.
  const shared = { owner: 'user-1', workspace_id: 'default', workspace_key: workspaceKey('user-1', 'default') };
  const member = { ...shared, member_id: 'user-0', role: 'viewer' as const, added_at: iso(START) };
  await deps.store.put(members, memberKey(shared.workspace_key, 'user-0'), member);
  all = made;
});

const key = (user_id: string | null, session_id: string | null = null): Call => ({
  actor: { kind: 'key', key_id: 'k', user_id, scopes: ['sessions:read'], workspace: null, session_id },
  operation: 'sessions.list',
  request_id: 'req-1',
  idempotency: null,
});

interface Case {
  readonly as: string | null;
  readonly ask: Parameters<typeof listSessions>[2];
  readonly holds: (doc: SessionDoc) => boolean;
}

const recent = ({ recent: is }: SessionDoc): boolean => is === true;
const CASES: Readonly<Record<string, Case>> = {
  'a label': { as: null, ask: { label: 'rare' }, holds: (d) => recent(d) && 'rare' in d.labels },
  'a label and its value': {
    as: null,
    ask: { label: 'rare=n0' },
    holds: (d) => recent(d) && d.labels['rare'] === 'n0',
  },
  'a value with a sign in it': {
    as: 'user-8',
    ask: { label: 'often==' },
    holds: (d) => recent(d) && d.user === 'user-8',
  },
  'a label that none has': { as: null, ask: { label: 'none=n0' }, holds: () => false },
  'a value that is another key': { as: null, ask: { label: 'rare=often' }, holds: () => false },
  'a namespace': { as: null, ask: { namespace: 'small' }, holds: (d) => recent(d) && d.namespace === 'small' },
  'a label in a namespace': { as: null, ask: { namespace: 'small', label: 'rare' }, holds: () => false },
  'a label in another': {
    as: null,
    ask: { namespace: 'default', label: 'rare=n500' },
    holds: (d) => recent(d) && d.labels['rare'] === 'n500',
  },
  'a state': {
    as: 'user-9',
    ask: { state: 'terminated' },
    holds: (d) => d.status === 'terminated' && d.user === 'user-9',
  },
  'a state and a namespace': {
    as: null,
    ask: { state: 'running', namespace: 'small' },
    holds: (d) => d.status === 'running' && d.namespace === 'small',
  },
  'a label, by a member of two workspaces': {
    as: 'user-0',
    ask: { label: 'rare' },
    holds: (d) => recent(d) && 'rare' in d.labels && ['user-0', 'user-1'].includes(d.user),
  },
  'a label, by a user': {
    as: null,
    ask: { label: 'rare', user: 'user-0' },
    holds: (d) => recent(d) && 'rare' in d.labels && d.user === 'user-0',
  },
  'a label in a workspace': {
    as: null,
    ask: { label: 'often', workspace_owner: 'user-2', workspace_id: 'default' },
    holds: (d) => recent(d) && d.user === 'user-2',
  },
  'a workspace that is shared': {
    as: 'user-0',
    ask: { workspace_id: 'default', workspace_owner: 'user-1' },
    holds: (d) => recent(d) && d.user === 'user-1',
  },
};

describe('a list over 5,000 sessions reads what it returns', () => {
  it.each(Object.entries(CASES))('with %s', async (_, { as, ask, holds }) => {
    ideal.reads.trips();
    const { items, next_cursor } = await listSessions(ideal.deps, key(as), ask);
    const { documents } = ideal.reads.trips();
    const wanted = all.filter(holds).map(({ id }) => id);
    expect(items.map(({ id }) => id)).toEqual(wanted.toReversed());
    expect(next_cursor).toBeNull();
    expect(documents.filter((each) => each === 'read sessions').length).toBe(wanted.length);
  });

  it('a page reads one more for each of the sets that it merges, which says whether there is another', async () => {
    const often = all.filter((doc) => recent(doc) && 'often' in doc.labels).map(({ id }) => id);
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < 3; pages++) {
      ideal.reads.trips();
      const page = await listSessions(ideal.deps, key(null), { label: 'often', limit: 10, cursor });
      expect(ideal.reads.trips().reads).toBe(11);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor ?? undefined;
    }
    expect(seen).toEqual(often.toReversed().slice(0, 30));
  });

  it('a key of one session reads that one', async () => {
    const [first] = all.filter((doc) => doc.user === 'user-2' && recent(doc));
    const id = first?.id ?? '';
    ideal.reads.trips();
    const list = async (ask: Case['ask']) => (await listSessions(ideal.deps, key('user-2', id), ask)).items;
    expect((await list({})).map((each) => each.id)).toEqual([id]);
    // The first says that the user is a member of nothing else.
    expect(ideal.reads.trips().documents).toEqual(['read members (none)', 'read sessions']);
    expect(await list({ state: 'creating' })).toEqual([]);
    expect(await list({ label: 'none' })).toEqual([]);
    expect((await listSessions(ideal.deps, key('user-3', id), {})).items).toEqual([]);
  });
});
