import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { localCallers } from '#drivers/callers/local.ts';
import type { FirestoreStore } from '#drivers/store/firestore/firestore-store.ts';
import { openFirestoreStore } from '#drivers/store/firestore/open.ts';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import type { QueuedTask } from '#ports/queue.ts';
import { systemCall } from '#services/kernel/call.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { createLanes } from '#services/kernel/lanes.ts';
import { COLLECTIONS, commits, intents, sessions } from '#services/model/collections.ts';
import { createSession } from '#services/sessions/create/create.ts';
import { sweepIntents } from '#services/sweeps/intents.ts';
import { createWorkerApp } from '../../../functions/worker/app.ts';
import { createDispatcher } from '../../../functions/worker/dispatch.ts';
import { type FunctionServer, keptLog, serveFunction } from '../../api/support/function-server.ts';
import { registerTrigger } from '../../cloud-local/eventarc.ts';
import { type Ideal, openIdeal } from '../../simulation/world/ideal.ts';
import { emulatorMissing, type FirestoreEmulator, startFirestoreEmulator } from '../../support/firestore-emulator.ts';

process.env['METADATA_SERVER_DETECTION'] = 'none';

const missing = await emulatorMissing();
const PROJECT = 'events';
const SESSIONS = 40;

/** An event of the emulator, and what the worker answered; null where the event was lost for good. */
interface Passed {
  readonly document: string;
  readonly status: number | null;
}

describe.skipIf(missing !== null)(`events of Firestore${missing === null ? '' : `: ${missing}`}`, () => {
  const callers = localCallers(systemIds);
  const { log, lines } = keptLog();
  const passed: Passed[] = [];
  let taken: QueuedTask[] = [];
  let came = 0;
  /** Whether an event is lost, by how many came before it. */
  let isLost: (before: number) => boolean = () => false;
  let emulator: FirestoreEmulator | null;
  let worker: FunctionServer;
  let store: FirestoreStore;
  let raw: Firestore;
  let world: Ideal;
  let deps: Deps;

  /** In the place of Eventarc: adds the token, and nothing to the headers of the event. */
  const relay = createServer((request, response) => {
    response.end();
    request.resume();
    const own = Object.entries(request.headers).filter(([name]) => name.startsWith('ce-'));
    const headers = Object.fromEntries(own.map(([name, value]) => [name, String(value)]));
    const document = headers['ce-document'] ?? '';
    if (isLost(came++)) {
      passed.push({ document, status: null });
      return;
    }
    const sent = worker.post('/events/intents', { authorization: callers.authorization('events'), headers, body: 'x' });
    void sent.then(({ status }) => passed.push({ document, status }));
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
    emulator = await startFirestoreEmulator(`127.0.0.1:${(relay.address() as AddressInfo).port}`);
    if (emulator === null) return;
    const { host } = emulator;
    await registerTrigger(host, PROJECT);
    store = await openFirestoreStore({
      ...{ project: PROJECT, collections: COLLECTIONS, commits, emulatorHost: host },
      ...{ clock: systemClock, ids: systemIds, log },
    });
    raw = new Firestore({ projectId: PROJECT, host, ssl: false });
    world = openIdeal(systemClock.now(), {}, []);
    const queue: Deps['queue'] = {
      enqueue: async (task) => {
        if (task.task === 'session.converge') taken.push(task);
        return true;
      },
    };
    deps = { ...world.deps, store, lanes: createLanes(store), ids: systemIds, queue, log };
    worker = await serveFunction(createWorkerApp({ deps, callers, log }));
  });
  afterAll(async () => {
    relay.close();
    await worker?.close();
    await Promise.all([store?.close(), raw?.terminate()]);
    await emulator?.stop();
  });
  beforeEach(() => {
    passed.length = 0;
    came = 0;
    taken = [];
    lines.length = 0;
  });

  it('for names that a header changes, or that are none of ours, come once and do nothing', async () => {
    const odd = [
      'trail ',
      ' lead',
      'é',
      '日本',
      'a b',
      'a%2Fb',
      '%2F',
      "it's",
      'a,b',
      'a+b',
      '~',
      '*',
      '...',
      '-',
      '#',
    ];
    const long = 'x'.repeat(1_500);
    await Promise.all([...odd, long].map((id) => raw.collection('intents').doc(id).create({ kind: 'provision' })));
    await raw.collection('intents').doc('ses-none:1').collection('intents').doc('ses-deeper:1').create({ a: 1 });
    await raw.collection('others').doc('ses-elsewhere:1').create({ a: 1 });
    await raw.collection('intents').doc('-').update({ kind: 'teardown' });
    await expect.poll(() => passed.length, { timeout: 30_000 }).toBe(odd.length + 1);
    // Every one is done with, and a repeat would change nothing.
    expect(passed.filter(({ status }) => status !== 204)).toEqual([]);
    expect(taken).toEqual([]);
    const outcomes = lines.map(({ outcome }) => outcome);
    // Without its space the first one is a name like ours, of an intent that there is not.
    expect(outcomes.toSorted()).toEqual([...odd.slice(1).map(() => 'dropped'), 'dropped', 'gone']);
    await Promise.all([...odd, long].map((id) => raw.collection('intents').doc(id).delete()));
  });

  it('of which a tenth is lost for good leave no session behind, though nobody enqueued it', async () => {
    isLost = (before) => before % 10 === 3;
    // Ended between the commit and the queue: what it recorded is all that there is of it.
    const killed: Deps = { ...deps, queue: { enqueue: () => Promise.reject(new Error('killed')) } };
    const call = systemCall('test');
    const made = await Promise.all(
      Array.from({ length: SESSIONS }, (_, n) =>
        createSession(killed, call, { user: `user-${n % 8}`, provider: 'gke', ttl_minutes: 60 }),
      ),
    );
    await expect.poll(() => passed.length, { timeout: 30_000 }).toBe(SESSIONS);
    const lost = passed.filter(({ status }) => status === null).length;
    expect(lost).toBe(SESSIONS / 10);
    const handle = createDispatcher(deps);
    const work = async () => {
      const due = taken;
      taken = [];
      await Promise.all(due.map((task) => handle({ ...task, attempt: 1 })));
      return due.length;
    };
    expect(await work()).toBe(SESSIONS - lost);
    const running = async () => {
      const docs = await store.getMany(
        sessions,
        made.map(({ id }) => id),
      );
      return docs.filter((doc) => doc?.data.status === 'running').length;
    };
    expect(await running()).toBe(SESSIONS - lost);
    world.pass(61_000);
    expect(await sweepIntents(deps)).toEqual({ taken: lost });
    expect(taken.map(({ payload }) => payload['attempt'])).toEqual(Array.from({ length: lost }, () => 2));
    await work();
    expect(await running()).toBe(SESSIONS);
    expect((await store.query(intents, { limit: 10 })).docs).toEqual([]);
  });
});
