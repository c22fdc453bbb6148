import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Api, type Json, ok, refused } from '../acceptance/support/api.ts';
import { keeperPids } from '../acceptance/support/server.ts';
import type { Session } from '../acceptance/support/shapes.ts';
import { until } from '../acceptance/support/until.ts';
import { shell } from '../acceptance/support/world.ts';
import { type KeptData, keptData } from '../data/kept.ts';
import { nodeAt } from '../support/set-clock/clock.ts';
import { dumpOf } from './support/dump.ts';
import { ground, type Served } from './support/launched.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

interface Costs {
  readonly total: number;
  readonly groups: readonly { readonly key: string; readonly cost: number }[];
}
interface Budget {
  readonly budget: { readonly month: string; readonly spent_usd: number; readonly reserved_usd: number } | null;
}

const { folder, start } = ground();
let kept: KeptData;
beforeAll(async () => {
  kept = await keptData('2661c1a');
});

/** The folder as the commit left it, and servers of it whose clock began so long after that. */
const opened = async (afterMs: number) => {
  const dataDir = await folder();
  await kept.unpack(dataDir);
  const node = await nodeAt(await folder(), Date.parse(kept.expected.killed_at) + afterMs);
  // Storage is billed at the first look of a server, and within the hour not again.
  const env = { ONMEMOS_SHADOW_PROVIDER: 'gke', ONMEMOS_METER_PERIOD_SECONDS: '3600' };
  return { dataDir, serve: () => start({ dataDir, node, env }) };
};

/** Ends a server in order, and its keeper. */
const stop = async ({ child, ended, dataDir }: Served): Promise<void> => {
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
  for (const pid of await keeperPids(dataDir)) process.kill(pid, 'SIGTERM');
  await until('the keeper ends', async () => (await keeperPids(dataDir)).length === 0);
};

const nano = (usd: number): number => Math.round(usd * 1e9);
const costs = async (api: Api, query: string): Promise<{ total: number; groups: Record<string, number> }> => {
  const { total, groups } = ok(await api.get<Costs>(`/v1/costs?${query}`));
  return { total: nano(total), groups: Object.fromEntries(groups.map(({ key, cost }) => [key, nano(cost)])) };
};
const OCTOBER = 'from=2026-10-01T00:00:00Z&to=2026-11-01T00:00:00Z';
const NOVEMBER = 'from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z';

/** October is over: whatever has happened to its sessions and storage since, it costs what it cost. */
const checkOctober = async ({ api }: Served): Promise<void> => {
  const { expected } = kept;
  for (const [group, sums] of Object.entries(expected.october)) {
    const report = await costs(api, `${OCTOBER}&group_by=${group}`);
    expect([group, report.groups]).toEqual([group, sums]);
    expect(report.total).toBe(Object.values(sums).reduce((sum, n) => sum + n, 0));
  }
  for (const [name, { ledger }] of Object.entries(expected.owners)) {
    const [owner = '', month] = name.split(' ');
    if (month !== '2026-10') continue;
    const own = await costs(api.as(expected.keys[owner] ?? null), OCTOBER);
    expect([name, own.total]).toEqual([name, ledger]);
  }
};

const reached = (api: Api, id: string, statuses: readonly string[]): Promise<Session> =>
  until(`session ${id} is ${statuses.join(' or ')}`, async () => {
    const session = ok(await api.get<Session>(`/v1/sessions/${id}`));
    return statuses.includes(session.status) && session;
  });

/** Sessions that lived when they were killed over. @returns how they have ended: `<status before> <status> <reason>` */
const checkEnds = async ({ api }: Served): Promise<readonly string[]> => {
  const ends: string[] = [];
  for (const [id, { status, billed_nano }] of Object.entries(kept.expected.sessions)) {
    if (!['running', 'terminating'].includes(status)) continue;
    const session = await reached(api, id, ['terminated', 'failed']);
    ends.push(`${status} ${session.status} ${session.status_reason}`);
    // It is billed up to where its provider was last seen running it: nothing is added.
    const { billed } = ok(await api.get<{ billed: number }>(`/v1/sessions/${id}/cost`));
    expect([id, nano(billed)]).toEqual([id, billed_nano]);
  }
  const { groups } = await costs(api, `${NOVEMBER}&group_by=session`);
  expect(groups).toMatchObject(kept.expected.november_sessions);
  return ends.toSorted();
};
const idsOf = (...statuses: readonly string[]): readonly string[] =>
  Object.entries(kept.expected.sessions).flatMap(([id, { status }]) => (statuses.includes(status) ? [id] : []));

/** What is spent is what the ledger says; of what was reserved, that of storage is left, less what it has cost since. */
const checkBudget = async ({ api }: Served, owner: string): Promise<{ readonly month: string }> => {
  const { budget } = ok(await api.get<Budget>(`/v1/users/${owner}/entitlements`));
  if (!budget) throw new Error(`${owner} has no budget`);
  const { total } = await costs(api, `from=${budget.month}-01T00:00:00Z&workspace_owner=${owner}`);
  expect([owner, nano(budget.spent_usd)]).toEqual([owner, total]);
  const before = kept.expected.owners[`${owner} ${budget.month}`];
  if (before) {
    const left = before.storage_reserved - (total - before.ledger);
    expect([owner, nano(budget.reserved_usd)]).toEqual([owner, left]);
  }
  return budget;
};

/** The same call under the same Idempotency-Key meets what it made, whatever has become of it. */
const checkRepeats = async ({ api }: Served): Promise<void> => {
  for (const { user, path, body, key, field, made } of kept.expected.repeatable) {
    const answer = await api.as(kept.expected.keys[user] ?? null).post<Json>(path, body, { 'Idempotency-Key': key });
    expect([path, answer.body[field]]).toEqual([path, made]);
  }
};

describe('a data folder that commit 2661c1a made, and over which its server and keeper were killed', () => {
  it('opens with its sums, its sessions end, and a second start changes nothing', async () => {
    const { dataDir, serve } = await opened(MINUTE_MS);
    const first = await serve();
    await checkOctober(first);
    expect(await checkEnds(first)).toEqual([
      ...Array(4).fill('running failed keeper_lost'),
      'terminating terminated user_requested',
    ]);
    for (const id of idsOf('terminated', 'failed')) {
      const { billed } = ok(await first.api.get<{ billed: number }>(`/v1/sessions/${id}/cost`));
      expect([id, nano(billed)]).toEqual([id, kept.expected.sessions[id]?.billed_nano]);
    }
    await checkRepeats(first);
    // One that was never running is made once more, and runs.
    const [making = ''] = idsOf('creating');
    const made = await reached(first.api, making, ['running']);
    expect(await shell(first.api.as(kept.expected.keys['cyn'] ?? null), made, 'echo runs')).toBe('runs\n');
    expect(ok(await first.api.del<Session>(`/v1/sessions/${making}`)).status).toBe('terminated');
    for (const owner of ['ann', 'bob']) expect((await checkBudget(first, owner)).month).toBe('2026-11');
    await stop(first);

    // Nothing at all: no call is made of the second server, so that no key is used.
    const before = dumpOf(dataDir);
    await stop(await serve());
    expect(dumpOf(dataDir)).toEqual(before);
  });

  it('opens with its keys, its files and what a deleted workspace kept', async () => {
    const { expected } = kept;
    const { dataDir, serve } = await opened(MINUTE_MS);
    const server = await serve();
    const as = (name: string): Api => server.api.as(expected.keys[name] ?? null);
    for (const name of Object.keys(expected.keys)) {
      const answer = await as(name).get('/v1/sessions');
      if (name === 'dee, revoked') refused(answer, 'unauthenticated');
      else ok(answer);
    }
    refused(await as('cyn, reads').post('/v1/sessions', { user: 'cyn', namespace: 'work' }), 'forbidden');
    refused(await as('ann, lab only').get('/v1/workspaces/ann/den'), 'not_found');
    const [bound] = ok(await as('ann, one session').get<Session[]>('/v1/sessions'));
    expect(bound).toMatchObject({ labels: { stage: 'live' }, env_names: ['GREETING', 'NOT_A_SECRET'] });
    await reached(server.api, bound?.id ?? '', ['failed']);
    const commands = ok(await as('ann').get<{ status: string }[]>(`/v1/sessions/${bound?.id}/execs`));
    expect(commands.map(({ status }) => status).toSorted()).toEqual(['exited', 'lost']);

    const storage = { request_persistent_storage: true, request_bucket: true };
    const read = async (workspace_id: string): Promise<string> => {
      const body = { user: 'ann', namespace: 'work', workspace_id, ...storage };
      const session = ok(await as('ann').post<Session>('/v1/sessions?wait=60', body));
      const text = await shell(as('ann'), session, 'cat note');
      ok(await as('ann').del(`/v1/sessions/${session.id}`));
      return text;
    };
    expect(await read('lab')).toBe('hello\n');
    const { key = '' } = expected.storage.find(({ id }) => id === 'ann:lab:bucket:default') ?? {};
    expect(await readFile(join(dataDir, 'buckets', key, 'note'), 'utf8')).toBe('of a bucket\n');
    refused(await as('ann').get('/v1/workspaces/ann/old'), 'not_found');
    const volumes = ok(await as('ann').get<{ retained_until: string | null }[]>('/v1/workspaces/ann/old/volumes'));
    expect(volumes.map(({ retained_until }) => retained_until?.slice(0, 10))).toEqual(['2026-12-04']);
    const old = { user_id: 'ann', workspace_id: 'old', name: 'Wanted again', resource_package: 'dev_micro' };
    ok(await as('ann').post('/v1/workspaces', old));
    expect(await read('old')).toBe('kept for a week\n');
  });

  it('opens half a year later: what has lived out its time is gone, what was billed is not', async () => {
    const { dataDir, serve } = await opened(180 * DAY_MS);
    const server = await serve();
    await checkOctober(server);
    expect(await checkEnds(server)).toEqual([
      ...Array(4).fill('running terminated expired'),
      'terminating terminated user_requested',
    ]);
    const [making = ''] = idsOf('creating');
    expect(await reached(server.api, making, ['terminated', 'failed'])).toMatchObject({ status_reason: 'expired' });
    for (const id of idsOf('terminated', 'failed')) refused(await server.api.get(`/v1/sessions/${id}`), 'not_found');
    for (const owner of ['ann', 'bob']) expect((await checkBudget(server, owner)).month).toBe('2027-05');
    for (const { kind, key, retained } of kept.expected.storage) {
      const there = await access(join(dataDir, `${kind}s`, key)).then(
        () => true,
        () => false,
      );
      expect([key, there]).toEqual([key, !retained]);
    }
  });
});
