import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { localCallers } from '#drivers/callers/local.ts';
import { systemIds } from '#platform/ids.ts';
import type { QueuedTask, TaskQueue } from '#ports/queue.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { systemCall } from '#services/kernel/call.ts';
import { intentKey, intents, sessions } from '#services/model/collections.ts';
import { createSession } from '#services/sessions/create/create.ts';
import { createWorkerApp } from '../../functions/worker/app.ts';
import { createDispatcher } from '../../functions/worker/dispatch.ts';
import { type FunctionServer, keptLog, serveFunction } from './support/function-server.ts';
import { openPlatform, type Platform } from './support/platform.ts';

const callers = localCallers(systemIds);
const { log, lines } = keptLog();
const authorization = callers.authorization('events');

/** A queue that keeps the attempts that it is given, and knows names that it was given before. */
const taken: QueuedTask[] = [];
let deaf = false;
const queue: TaskQueue = {
  enqueue: async (task) => {
    if (deaf) throw new Error('the queue does not answer');
    if (task.task !== 'session.converge') return true;
    if (taken.some(({ name }) => name === task.name)) return false;
    taken.push(task);
    return true;
  },
};

let platform: Platform;
let deps: Deps;
let worker: FunctionServer;
let storeFails = false;
beforeAll(async () => {
  platform = await openPlatform(undefined, 'idle');
  const store = new Proxy(platform.deps.store, {
    get: (target, name) => {
      const found: unknown = Reflect.get(target, name, target);
      if (typeof found !== 'function') return found;
      if (name === 'get' && storeFails) return () => Promise.reject(new Error('the store does not answer'));
      return found.bind(target) as unknown;
    },
  });
  deps = { ...platform.deps, store, queue, log };
  worker = await serveFunction(createWorkerApp({ deps, callers, log }));
});
afterAll(async () => {
  await worker?.close();
  await platform?.close();
});
beforeEach(() => {
  lines.length = 0;
  taken.length = 0;
  deaf = false;
  storeFails = false;
});

/** @returns the id of the intent of a new session */
const newIntent = async (user = 'ann'): Promise<string> => {
  const { id } = await createSession(deps, systemCall('test'), { user, ttl_minutes: 60 });
  return intentKey(id, 1);
};
const told = (document: string | null, given: Record<string, string> = {}, body = 'not to be read') =>
  worker.post('/events/intents', {
    authorization,
    headers: { ...(document === null ? {} : { 'ce-document': document }), ...given },
    body,
  });

describe('an event of a new intent', () => {
  it('hands it to the queue where the fast path did not, and starts the session', async () => {
    deaf = true;
    const id = await newIntent();
    expect(taken).toEqual([]);
    deaf = false;
    lines.length = 0;
    expect(await told(`intents/${id}`)).toEqual({ status: 204, text: '' });
    expect(taken).toMatchObject([{ task: 'session.converge', payload: { v: 1, intent_id: id, attempt: 1 } }]);
    expect(lines).toMatchObject([{ level: 'info', message: 'event', intent_id: id, outcome: 'enqueued' }]);
    for (const task of taken) await createDispatcher(deps)({ ...task, attempt: 1 });
    const session = await deps.store.get(sessions, id.split(':')[0] ?? '');
    expect(session?.data.status).toBe('running');
  });

  it('does nothing where the fast path did, however often it comes', async () => {
    const id = await newIntent();
    expect(taken).toHaveLength(1);
    const answers = await Promise.all([1, 2, 3].map(() => told(`intents/${id}`)));
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204]);
    expect(taken).toHaveLength(1);
    expect(lines.filter(({ message }) => message === 'event').map(({ outcome }) => outcome)).toEqual([
      'known',
      'known',
      'known',
    ]);
  });

  it('hands over the attempt that the store has, not one that the event was written with', async () => {
    const id = await newIntent();
    const found = await deps.store.get(intents, id);
    if (!found) throw new Error('there is no intent');
    await deps.store.put(intents, id, { ...found.data, attempt: 7 });
    await told(`intents/${id}`);
    expect(taken.map(({ payload }) => payload['attempt'])).toEqual([1, 7]);
  });

  it('of an intent that is done is fine', async () => {
    expect(await told('intents/ses-none:1')).toEqual({ status: 204, text: '' });
    expect(taken).toEqual([]);
    expect(lines).toMatchObject([{ level: 'info', outcome: 'gone' }]);
  });

  it.each(['store', 'queue'] as const)('comes again while the %s does not answer', async (broken) => {
    deaf = true;
    const id = await newIntent();
    lines.length = 0;
    storeFails = broken === 'store';
    deaf = broken === 'queue';
    expect(await told(`intents/${id}`)).toEqual({ status: 503, text: '' });
    expect(lines).toMatchObject([{ level: 'error', intent_id: id, outcome: 'failed' }]);
    storeFails = false;
    deaf = false;
    expect((await told(`intents/${id}`)).status).toBe(204);
    expect(taken).toHaveLength(1);
  });

  const odd: readonly (string | null)[] = [
    null,
    '',
    'intents/',
    'intents',
    'sessions/ses-1',
    'intents/ses-1:1/more',
    '/intents/ses-1:1',
    'projects/p/databases/(default)/documents/intents/ses-1:1',
    'intents/ses%201:1',
    'intents/a b',
    'intents/\u00e9',
    'Intents/ses-1:1',
    'intents/ses-1:1, intents/ses-2:1',
    'intents/.',
    'intents/..',
    'intents/____',
    'intents/__ses-1:1__',
    'intents/ses%252D1:1',
    'documents/intents/ses-1:1',
    'intents/ses-1:1/',
    'intents//ses-1:1',
    'intents/ses-1:1?x=1',
    `intents/${'x'.repeat(2_000)}`,
  ];
  it.each(odd.map((document) => [JSON.stringify(document)?.slice(0, 60), document] as const))(
    'with the name %s is an error in the log, and does not come again',
    async (_, document) => {
      expect(await told(document)).toEqual({ status: 204, text: '' });
      expect(taken).toEqual([]);
      expect(lines).toMatchObject([{ level: 'error', message: 'event', outcome: 'dropped' }]);
      expect(JSON.stringify(lines).length).toBeLessThan(500);
    },
  );

  it('of another database, project or place is one about our own, as it has our worker’s token', async () => {
    deaf = true;
    const id = await newIntent();
    deaf = false;
    const foreign = {
      'ce-database': 'another',
      'ce-project': 'another-project',
      'ce-namespace': 'elsewhere',
      'ce-source': '//firestore.googleapis.com/projects/another/databases/another',
      'ce-subject': 'documents/sessions/ses-1',
      'ce-specversion': '9.9',
      'ce-time': '2001-01-01T00:00:00Z',
    };
    // A year later, too: what the store has decides.
    for (let time = 0; time < 2; time++) expect((await told(`intents/${id}`, foreign)).status).toBe(204);
    expect(taken.map(({ payload }) => payload)).toEqual([{ v: 1, intent_id: id, attempt: 1 }]);
  });

  it('is dropped where several come as one, or all of it in a body: they are not sent so', async () => {
    const id = await newIntent();
    taken.length = 0;
    lines.length = 0;
    const event = { specversion: '1.0', type: 'x', source: 'x', id: '1', document: `intents/${id}` };
    for (const [type, body] of [
      ['application/cloudevents-batch+json', [event, event]],
      ['application/cloudevents+json', event],
    ] as const)
      expect((await told(null, { 'content-type': type }, JSON.stringify(body))).status).toBe(204);
    expect(taken).toEqual([]);
    expect(lines).toMatchObject([{ outcome: 'dropped' }, { outcome: 'dropped' }]);
  });

  it('is refused by the server where its headers are too large, and the worker serves on', async () => {
    const { status } = await told(`intents/${'x'.repeat(64_000)}`);
    expect(status).toBe(431);
    expect((await told('intents/ses-none:1')).status).toBe(204);
  });

  it('is not read beyond its name: neither what its body says, nor its type', async () => {
    const id = await newIntent();
    taken.length = 0;
    const other = await newIntent();
    taken.length = 0;
    const body = JSON.stringify({ value: { name: `projects/p/databases/d/documents/intents/${other}` } });
    const answer = await told(
      `intents/${id}`,
      { 'ce-type': 'something else', 'content-type': 'application/json' },
      body,
    );
    expect(answer.status).toBe(204);
    expect(taken.map(({ payload }) => payload['intent_id'])).toEqual([id]);
    expect((await told(`intents/${id}`, {}, 'x'.repeat(3_000_000))).status).toBe(204);
  });
});

it('refuses every caller but the trigger, and lets the trigger call nothing else', async () => {
  const id = await newIntent();
  taken.length = 0;
  const headers = { 'ce-document': `intents/${id}` };
  const wrong: [string | undefined, number][] = [
    [undefined, 401],
    ['Bearer nonsense', 401],
    [localCallers(systemIds).authorization('events'), 401],
    [callers.authorization('tasks'), 403],
    [callers.authorization('schedule'), 403],
  ];
  for (const [header, status] of wrong) {
    const asked = header === undefined ? {} : { authorization: header };
    expect(await worker.post('/events/intents', { ...asked, headers })).toEqual({ status, text: '' });
  }
  const body = JSON.stringify({ v: 1, intent_id: id, attempt: 1 });
  expect(await worker.post('/tasks/session.converge', { authorization, body })).toEqual({ status: 403, text: '' });
  expect(taken).toEqual([]);
});

it('the name of every intent goes through a header unchanged, whatever people name their things', async () => {
  const names = ['trailing ', 'é', 'a/b', '%2F', '..', 'ann@example.com', '日本', '__x__'];
  for (const user of names) {
    const id = await newIntent(user);
    expect(id).toMatch(/^ses-[a-z0-9]+:\d+$/);
    expect((await told(`intents/${id}`)).status).toBe(204);
  }
  const all = await deps.store.query(intents, { limit: 1000 });
  expect(all.docs.length).toBeGreaterThanOrEqual(names.length);
  expect(all.docs.filter(({ id }) => !/^[A-Za-z0-9_.:-]{1,500}$/.test(id))).toEqual([]);
  expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
});
