import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { localCallers } from '#drivers/callers/local.ts';
import { systemIds } from '#platform/ids.ts';
import { systemCall } from '#services/kernel/call.ts';
import { sessions } from '#services/model/collections.ts';
import { createSession } from '#services/sessions/create/create.ts';
import { giveLeaseBack, readLease, takeLease } from '#services/sweeps/lease.ts';
import { createSchedulerApp } from '../../functions/scheduler/app.ts';
import { JOBS } from '../../functions/scheduler/jobs.ts';
import type { Tick } from '../../functions/scheduler/tick.ts';
import { type FunctionServer, heldWork, keptLog, serveFunction, withFailing } from './support/function-server.ts';
import { openPlatform, type Platform } from './support/platform.ts';

const callers = localCallers(systemIds);
const { log, lines } = keptLog();
const authorization = callers.authorization('schedule');
const observed: unknown[] = [];
/** What becomes of the next transactions, in order; none: they succeed. */
let fates: (Error | null)[] = [];
let platform: Platform;
let scheduler: FunctionServer;
beforeAll(async () => {
  platform = await openPlatform(undefined, 'idle');
  const deps = withFailing({ ...platform.deps, log }, 'transaction', () => fates.shift() ?? null);
  const observe = (...seen: readonly [string, string, number]) => void observed.push(seen.slice(0, 2));
  scheduler = await serveFunction(createSchedulerApp({ deps, callers, log, observe }));
});
afterAll(async () => {
  await scheduler?.close();
  await platform?.close();
});
beforeEach(() => {
  fates = [];
  lines.length = 0;
  observed.length = 0;
});

const statusOf = async (id: string) => (await platform.deps.store.get(sessions, id))?.data.status;
const expiredSession = async (): Promise<string> => {
  const { id } = await createSession(platform.deps, systemCall('test'), { user: 'ann', ttl_minutes: 60 });
  const doc = await platform.deps.store.get(sessions, id);
  if (!doc) throw new Error('the session that was made is not in the store');
  const past = '2020-01-01T00:00:00.000Z';
  await platform.deps.store.put(sessions, id, { ...doc.data, expires_at: past, live_until: past });
  return id;
};

it('runs the job that it is told to, and answers its figures', async () => {
  const ids = [await expiredSession(), await expiredSession()];
  const answer = await scheduler.post('/jobs/expire', { authorization });
  expect({ status: answer.status, figures: JSON.parse(answer.text) as unknown }).toEqual({
    status: 200,
    figures: { expired: 2 },
  });
  expect(await Promise.all(ids.map(statusOf))).toEqual(['terminating', 'terminating']);
  expect(JSON.parse((await scheduler.post('/jobs/expire', { authorization })).text)).toEqual({ expired: 0 });
  expect(observed).toEqual([
    ['expire', 'done'],
    ['expire', 'done'],
  ]);
});

it.each(JOBS.map(({ name }) => name))('has %s', async (name) => {
  const answer = await scheduler.post(`/jobs/${name}`, { authorization });
  expect(answer.status).toBe(200);
  const figures = JSON.parse(answer.text) as Record<string, number>;
  expect(Object.values(figures).length).toBeGreaterThan(0);
  for (const figure of Object.values(figures)) expect(figure).toBeGreaterThanOrEqual(0);
});

it('answers that a job failed, and runs it again when it is told to', async () => {
  const id = await expiredSession();
  // The lease is taken, and then the store is broken.
  fates = [null, new Error('the store is broken')];
  expect(await scheduler.post('/jobs/expire', { authorization })).toEqual({ status: 500, text: '' });
  expect(lines).toMatchObject([{ level: 'error', job: 'expire', outcome: 'failed' }]);
  expect(await statusOf(id)).toBe('creating');
  expect((await scheduler.post('/jobs/expire', { authorization })).status).toBe(200);
  expect(await statusOf(id)).toBe('terminating');
  expect(observed).toEqual([
    ['expire', 'failed'],
    ['expire', 'done'],
  ]);
});

it('runs all of them in a tick, one after another, and answers what each came to', async () => {
  const ids = [await expiredSession(), await expiredSession()];
  const answer = await scheduler.post('/tick', { authorization });
  expect(answer.status).toBe(200);
  const { busy, jobs, next } = JSON.parse(answer.text) as Tick;
  expect({ busy, next, expire: jobs['expire'] }).toEqual({ busy: false, next: null, expire: { expired: 2 } });
  expect(Object.keys(jobs)).toEqual(JOBS.map(({ name }) => name));
  expect(await Promise.all(ids.map(statusOf))).toEqual(['terminating', 'terminating']);
});

it('answers a failed job of a tick with 500, and what the others came to', async () => {
  fates = [null, new Error('the store is broken')];
  const answer = await scheduler.post('/tick', { authorization });
  expect(answer.status).toBe(500);
  const { jobs } = JSON.parse(answer.text) as Tick;
  expect(Object.values(jobs).filter((figures) => figures === null).length).toBe(1);
  expect(Object.keys(jobs)).toEqual(JOBS.map(({ name }) => name));
});

it('says that it is busy while jobs run, here or in another process', async () => {
  const { deps } = platform;
  const lease = await takeLease(deps);
  if (!lease) throw new Error('the lease is held');
  for (const path of ['/tick', '/jobs/expire']) {
    const answer = await scheduler.post(path, { authorization });
    expect({ status: answer.status, answer: JSON.parse(answer.text) as unknown }).toMatchObject({
      status: 200,
      answer: { busy: true },
    });
  }
  expect(observed).toEqual([]);
  await giveLeaseBack(deps, lease, { next: null, figures: {} });
  expect(JSON.parse((await scheduler.post('/tick', { authorization })).text)).toMatchObject({ busy: false });
});

it('answers once no work of its jobs is left', async () => {
  const held = heldWork(platform.deps);
  const answer = held.watch(scheduler.post('/tick', { authorization }));
  await expect.poll(async () => observed.length === JOBS.length && (await readLease(platform.deps)).holder).toBeNull();
  for (let call = 0; call < 5; call++) await scheduler.get('/health');
  expect(held.answered()).toBe(false);
  held.end();
  expect((await answer).status).toBe(200);
});

it('refuses every caller but the schedule without a word', async () => {
  const id = await expiredSession();
  const wrong: [string | undefined, number][] = [
    [undefined, 401],
    ['Bearer nonsense', 401],
    [localCallers(systemIds).authorization('schedule'), 401],
    [callers.authorization('tasks'), 403],
  ];
  for (const [header, status] of wrong) {
    const asked = header === undefined ? {} : { authorization: header };
    expect(await scheduler.post('/jobs/expire', asked)).toEqual({ status, text: '' });
    expect(await scheduler.post('/tick', asked)).toEqual({ status, text: '' });
    // Nor does it learn which jobs there are.
    expect(await scheduler.post('/jobs/nothing', asked)).toEqual({ status, text: '' });
  }
  expect(await statusOf(id)).toBe('creating');
  expect(observed).toEqual([]);
});

it('does not know other jobs, lives without a caller, and serves nothing else', async () => {
  for (const name of ['nothing', 'toString', '__proto__', 'expire%20', 'x'.repeat(5_000)])
    expect(await scheduler.post(`/jobs/${name}`, { authorization })).toEqual({ status: 404, text: '' });
  expect(JSON.parse((await scheduler.get('/health')).text)).toEqual({
    status: 'healthy',
    version: platform.deps.settings.version,
  });
  for (const path of ['/', '/tick', '/jobs', '/jobs/expire', '/metrics'])
    expect(await scheduler.get(path)).toEqual({ status: 404, text: '' });
});
