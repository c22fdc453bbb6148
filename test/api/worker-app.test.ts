import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TASKS, type TaskName } from '#contract/tasks.ts';
import { localCallers } from '#drivers/callers/local.ts';
import { systemIds } from '#platform/ids.ts';
import { type Callers, CallersUnavailable } from '#ports/callers.ts';
import { epochMs, iso } from '#ports/clock.ts';
import { StoreBusy } from '#ports/store.ts';
import { systemCall } from '#services/kernel/call.ts';
import { intents, sessions } from '#services/model/collections.ts';
import type { SessionDoc } from '#services/model/docs.ts';
import { createSession } from '#services/sessions/create/create.ts';
import { createDispatcher } from '../../functions/worker/dispatch.ts';
import { createWorkerApp } from '../../functions/worker/app.ts';
import { type FunctionServer, heldWork, keptLog, serveFunction, withFailing } from './support/function-server.ts';
import { openPlatform, type Platform } from './support/platform.ts';

const callers = localCallers(systemIds);
const { log, lines } = keptLog();
const authorization = callers.authorization('tasks');
const observed: unknown[] = [];
let failure: Error | null = null;
let platform: Platform;
let worker: FunctionServer;
beforeAll(async () => {
  platform = await openPlatform(undefined, 'idle');
  const deps = withFailing({ ...platform.deps, log }, 'transaction', () => failure);
  const observe = (...seen: readonly [string, string, number]) => void observed.push(seen.slice(0, 2));
  worker = await serveFunction(createWorkerApp({ deps, callers, log, observe }));
});
afterAll(async () => {
  await worker?.close();
  await platform?.close();
});
beforeEach(() => {
  failure = null;
  lines.length = 0;
  observed.length = 0;
});

const newSession = async (): Promise<SessionDoc> => {
  const { id } = await createSession(platform.deps, systemCall('test'), { user: 'ann', ttl_minutes: 60 });
  return sessionNow(id);
};
const sessionNow = async (id: string): Promise<SessionDoc> => {
  const doc = await platform.deps.store.get(sessions, id);
  if (!doc) throw new Error(`session ${id} is not in the store`);
  return doc.data;
};
const converge = async (session: SessionDoc) => {
  const intent = await platform.deps.store.get(intents, `${session.id}:${session.generation}`);
  return JSON.stringify({ v: 1, intent_id: `${session.id}:${session.generation}`, attempt: intent?.data.attempt ?? 1 });
};

describe('a delivery', () => {
  it('does what its task says, once however often it comes', async () => {
    const made = await newSession();
    expect(made.status).toBe('creating');
    const body = await converge(made);
    const headers = { 'x-cloudtasks-taskname': 'int-0123abc', 'x-cloudtasks-taskretrycount': '2' };
    const send = { authorization, body, headers };
    const answers = await Promise.all([1, 2, 3].map(() => worker.post('/tasks/session.converge', send)));
    expect(answers).toEqual(answers.map(() => ({ status: 204, text: '' })));
    const after = await sessionNow(made.id);
    expect(after.status).toBe('running');
    expect((await worker.post('/tasks/session.converge', send)).status).toBe(204);
    expect(await sessionNow(made.id)).toEqual(after);
    const line = lines.find(({ message }) => message === 'task');
    expect(line).toMatchObject({
      level: 'info',
      task: 'session.converge',
      name: 'int-0123abc',
      delivery: 3,
      intent_id: `${made.id}:${made.generation}`,
      outcome: 'done',
    });
    expect(observed).toEqual(answers.concat(answers[0] as never).map(() => ['session.converge', 'done']));
  });

  it('is answered once no work of it is left', async () => {
    const body = await converge(await newSession());
    const held = heldWork(platform.deps);
    const answer = held.watch(worker.post('/tasks/session.converge', { authorization, body }));
    await expect.poll(() => observed.length).toBe(1);
    for (let call = 0; call < 5; call++) await worker.get('/health');
    expect(held.answered()).toBe(false);
    held.end();
    expect((await answer).status).toBe(204);
  });

  it('is asked for again where it fails, and then succeeds', async () => {
    const made = await newSession();
    const body = JSON.stringify({ v: 1, session_id: made.id, expires_at: made.expires_at });
    const past = '2020-01-01T00:00:00.000Z';
    await platform.deps.store.put(sessions, made.id, { ...made, expires_at: past, live_until: past });
    failure = new StoreBusy('the store is busy');
    expect(await worker.post('/tasks/session.expire', { authorization, body })).toEqual({ status: 500, text: '' });
    expect((await sessionNow(made.id)).status).toBe('creating');
    expect(lines).toMatchObject([{ level: 'error', task: 'session.expire', outcome: 'failed', session_id: made.id }]);
    failure = null;
    expect((await worker.post('/tasks/session.expire', { authorization, body })).status).toBe(204);
    expect((await sessionNow(made.id)).status).toBe('terminating');
    expect(observed).toEqual([
      ['session.expire', 'failed'],
      ['session.expire', 'done'],
    ]);
  });

  it('ends a session at the instant that its task names, also by a wall clock that was set back', async () => {
    const { deps } = platform;
    const made = await newSession();
    const setBack = { ...deps, clock: { ...deps.clock, now: () => deps.clock.now() - 150_000 } };
    const other = iso(epochMs(made.expires_at) + 60_000);
    const deliver = (expires_at: string) =>
      createDispatcher(setBack)({
        ...{ name: 'exp', task: 'session.expire', attempt: 1 },
        payload: { v: 1, session_id: made.id, expires_at },
      });
    // The end was moved since that task was enqueued.
    await deliver(other);
    expect((await sessionNow(made.id)).status).toBe('creating');
    await deliver(made.expires_at);
    expect(await sessionNow(made.id)).toMatchObject({ status: 'terminating', status_reason: 'expired' });
  });

  it('is what it is, whatever its headers say of it', async () => {
    const made = await newSession();
    const body = await converge(made);
    const odd: readonly Readonly<Record<string, string>>[] = [
      { 'x-cloudtasks-taskretrycount': '9'.repeat(400), 'x-cloudtasks-taskname': '../../x' },
      { 'x-cloudtasks-taskretrycount': '-1', 'x-cloudtasks-taskname': 'x'.repeat(5_000) },
      { 'x-cloudtasks-taskretrycount': '1e9', 'x-cloudtasks-queuename': 'another-queue' },
      { 'x-cloudtasks-taskretrycount': '999999', 'x-cloudtasks-taskexecutioncount': 'x' },
      { 'x-cloudtasks-tasketa': 'never', 'x-cloudtasks-taskpreviousresponse': 'x', 'content-type': 'text/html' },
    ];
    for (const headers of odd)
      expect((await worker.post('/tasks/session.converge', { authorization, body, headers })).status).toBe(204);
    expect((await sessionNow(made.id)).status).toBe('running');
    const told = lines.filter(({ message }) => message === 'task');
    expect(told.map(({ name, delivery }) => [name, delivery])).toEqual([
      ['unnamed', 1],
      ['unnamed', 1],
      ['unnamed', 1],
      ['unnamed', 1_000_000],
      ['unnamed', 1],
    ]);
  });

  const good: Readonly<Record<TaskName, object>> = {
    'session.converge': { v: 1, intent_id: 'ses-none:1', attempt: 1 },
    'session.expire': { v: 1, session_id: 'ses-none', expires_at: '2026-01-01T00:00:00.000Z' },
    'session.notice': { v: 1, session_id: 'ses-none', expires_at: '2026-01-01T00:00:00.000Z' },
    'session.reclaim': { v: 1, session_id: 'ses-none', announced_at: 1 },
    'notice.send': { v: 1, entry_id: 'evt-none', attempt: 6 },
    'webhook.deliver': { v: 1, webhook_id: 'wbh-none', entry_id: 'evt-none' },
    'storage.remove': { v: 1, storage_id: 'none', key: 'none' },
    'workspace.purge': { v: 1, owner: 'nobody', workspace_id: 'none', generation: 1 },
  };

  it.each(Object.keys(TASKS) as TaskName[])('of %s whose subject is gone is done', async (task) => {
    const answer = await worker.post(`/tasks/${task}`, { authorization, body: JSON.stringify(good[task]) });
    expect(answer).toEqual({ status: 204, text: '' });
    expect(lines).toMatchObject([{ level: 'info', task, name: 'unnamed', delivery: 1, outcome: 'done' }]);
  });

  const bad = [
    '',
    '{',
    'null',
    '[]',
    '"PRIVATE"',
    '{}',
    '{"v":2,"intent_id":"ses-1:1","attempt":1}',
    '{"v":1,"intent_id":"ses-1:1","attempt":"PRIVATE"}',
    '{"v":1,"intent_id":["PRIVATE"],"attempt":1}',
    JSON.stringify({ v: 1, intent_id: 'x'.repeat(3_000_000), attempt: 1 }),
  ];
  it.each(bad.map((body) => [body.slice(0, 50), body]))('is logged and done with the payload %s', async (_, body) => {
    const answer = await worker.post('/tasks/session.converge', { authorization, body });
    expect(answer).toEqual({ status: 204, text: '' });
    expect(lines).toMatchObject([
      { level: 'error', task: 'session.converge', outcome: 'dropped', why: expect.stringMatching(/./) },
    ]);
    expect(JSON.stringify(lines)).not.toContain('PRIVATE');
    expect(observed).toEqual([['session.converge', 'dropped']]);
  });

  it.each(['session.reboot', 'toString', '__proto__', '%00', `${'x'.repeat(5_000)}`])(
    'is logged and done for the task %s, which there is not',
    async (task) => {
      const answer = await worker.post(`/tasks/${task}`, { authorization, body: '{}' });
      expect(answer).toEqual({ status: 204, text: '' });
      expect(lines).toMatchObject([{ level: 'error', task: 'unknown', outcome: 'dropped' }]);
      expect(JSON.stringify(lines).length).toBeLessThan(1_000);
      expect(observed).toEqual([['unknown', 'dropped']]);
    },
  );
});

describe('a caller', () => {
  it('is refused without a word where it is not the queue, before anything is read or done', async () => {
    const made = await newSession();
    const body = await converge(made);
    const wrong: [string | undefined, number][] = [
      [undefined, 401],
      ['Bearer nonsense', 401],
      [`${authorization}x`, 401],
      [authorization.replace('Bearer', 'Basic'), 401],
      [localCallers(systemIds).authorization('tasks'), 401],
      [callers.authorization('schedule'), 403],
    ];
    for (const [header, status] of wrong) {
      const asked = header === undefined ? {} : { authorization: header };
      for (const sent of [body, '{']) {
        const answer = await worker.post('/tasks/session.converge', { ...asked, body: sent });
        expect(answer).toEqual({ status, text: '' });
      }
      expect((await worker.post('/tasks/session.reboot', { ...asked, body })).status).toBe(status);
    }
    expect((await sessionNow(made.id)).status).toBe('creating');
    expect(observed).toEqual([]);
    expect(lines).toHaveLength(3 * wrong.length);
    expect(lines.every(({ level, why }) => level === 'warn' && typeof why === 'string')).toBe(true);
    for (const [header] of wrong) if (header) expect(JSON.stringify(lines)).not.toContain(header.slice(7));
  });

  it('is refused where two say who they are, whichever comes first', async () => {
    const body = await converge(await newSession());
    const wrong = localCallers(systemIds).authorization('tasks');
    for (const pair of [
      [authorization, wrong],
      [wrong, authorization],
      [authorization, authorization],
      [authorization, ''],
    ]) {
      const headers = ['host', 'worker', ...pair.flatMap((value) => ['authorization', value])];
      const sent = request(`${worker.url}/tasks/session.converge`, { method: 'POST', headers });
      sent.end(body);
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      answer.resume();
      expect(answer.statusCode).toBe(401);
    }
    expect(observed).toEqual([]);
  });

  it('is told to come again where nobody can say who calls', async () => {
    const unsure: Callers = { verify: () => Promise.reject(new CallersUnavailable('keys could not be fetched')) };
    const broken: Callers = { verify: () => Promise.reject(new TypeError('a fault of ours')) };
    for (const [other, status] of [
      [unsure, 503],
      [broken, 500],
    ] as const) {
      const server = await serveFunction(createWorkerApp({ deps: platform.deps, callers: other, log }));
      const answer = await server.post('/tasks/session.converge', { authorization, body: '{}' });
      expect(answer).toEqual({ status, text: '' });
      await server.close();
    }
  });
});

it('says without a caller that it lives, and serves nothing else', async () => {
  const { status, text } = await worker.get('/health');
  expect({ status, body: JSON.parse(text) as unknown }).toEqual({
    status: 200,
    body: { status: 'healthy', version: platform.deps.settings.version },
  });
  for (const path of ['/', '/tasks', '/tasks/session.converge', '/metrics', '/v1/sessions'])
    expect(await worker.get(path)).toEqual({ status: 404, text: '' });
  expect(await worker.post('/tasks/a/b', { authorization, body: '{}' })).toEqual({ status: 404, text: '' });
});
