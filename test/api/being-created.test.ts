import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ComputeRefused } from '#ports/compute.ts';
import { bootstrapAdminKey } from '#services/keys/bootstrap.ts';
import type { Deps } from '#services/kernel/deps.ts';
import { convergeSession } from '#services/lifecycle/converge.ts';
import { execs, sessions } from '#services/model/collections.ts';
import { type CountingStore, countingStore } from '../support/counting-store.ts';
import { type Client, clientOf } from './support/client.ts';
import { eventually, serveLive } from './support/live.ts';
import { openPlatform, type Platform } from './support/platform.ts';
import { openSocket, type Socket } from './support/socket.ts';
import { apiOver } from './support/world.ts';

/** No task runs by itself: a session is made when a test makes it. */
let platform: Platform;
let counting: CountingStore;
let deps: Deps;
let admin: string;
let call: Client;
let refuses = false;
/** Waits for a session in the store: watches that are open. */
let waiting = 0;

beforeAll(async () => {
  platform = await openPlatform((given) => {
    counting = countingStore(given.store);
    const watch: Deps['store']['watch'] = (...args) => {
      const stop = counting.store.watch(...args);
      waiting += 1;
      return () => {
        waiting -= 1;
        stop();
      };
    };
    const byDriver: Deps['computes']['byDriver'] = (driver) => {
      const compute = given.computes.byDriver(driver);
      const ensure: typeof compute.ensure = async (...args) => {
        if (refuses) throw new ComputeRefused('There is no room for it');
        return compute.ensure(...args);
      };
      return Object.assign(Object.create(compute) as typeof compute, { ensure });
    };
    return { ...given, store: { ...counting.store, watch }, computes: { ...given.computes, byDriver } };
  }, 'idle');
  deps = platform.deps;
  admin = await bootstrapAdminKey(deps, 'admin', async () => {});
  call = clientOf(apiOver(platform), admin);
});
afterAll(() => platform?.close());
beforeEach(() => {
  refuses = false;
});

const create = async (): Promise<string> => {
  const made = await call('/v1/sessions', { body: { user: 'ann' } });
  expect(made.json).toMatchObject({ status: 'creating' });
  return (made.json as { id: string }).id;
};

/** What the worker does when the session's task comes. */
const converge = async (id: string): Promise<void> => {
  const session = (await deps.store.get(sessions, id))?.data;
  if (!session) throw new Error(`${id} is not in the store`);
  await convergeSession(deps, { intent_id: `${id}:${session.generation}`, attempt: 1 });
};

const isWaitedFor = () => eventually('a call waits for the session', () => waiting > 0);
const recorded = async (id: string): Promise<number> =>
  (
    await deps.store.query(execs, {
      where: { session_id: id },
      order: { field: 'started_at', direction: 'asc' },
      limit: 10,
    })
  ).docs.length;

describe('a call on a session that is being created', () => {
  it.each([
    ['execute', 'execute', { command: 'echo made' }, { stdout: 'made\n', returncode: 0 }],
    ['execute of a job', 'execute', { command: 'true', async_execution: true }, { status: 'running' }],
    ['start', 'execs', { argv: ['true'] }, { argv: ['true'] }],
    ['start with its own wait', 'execs?wait=300', { argv: ['true'] }, { argv: ['true'] }],
  ])('waits for it: %s', async (_name, route, body, answer) => {
    const id = await create();
    const running = call(`/v1/sessions/${id}/${route}`, { body });
    await isWaitedFor();
    expect(await recorded(id)).toBe(0);
    await converge(id);
    expect(await running).toMatchObject({ status: 200, json: answer });
    expect(waiting).toBe(0);
  });

  it('costs a few reads, however long the creation takes', async () => {
    const id = await create();
    counting.trips();
    const running = call(`/v1/sessions/${id}/execs`, { body: { argv: ['true'] } });
    await isWaitedFor();
    await deps.clock.sleep(1_500);
    const { documents } = counting.trips();
    expect(documents.filter((each) => each === 'read sessions').length).toBeLessThanOrEqual(2);
    await converge(id);
    expect((await running).status).toBe(200);
  });

  it('names an exec that can not be there yet', async () => {
    const id = await create();
    const missing = { status: 404, json: { code: 'not_found' } };
    expect(await call(`/v1/sessions/${id}/execs/not-yet`, { method: 'DELETE' })).toMatchObject(missing);
    expect(await call(`/v1/sessions/${id}/execs/not-yet/output`)).toMatchObject(missing);
    await converge(id);
    expect(await call(`/v1/sessions/${id}/execs/not-yet`, { method: 'DELETE' })).toMatchObject(missing);
  });

  it('opens a shell when the session runs', async () => {
    const serving = await serveLive(apiOver(platform));
    try {
      const id = await create();
      const opening = openSocket(`${serving.url}/v1/sessions/${id}/shell`, { key: admin });
      await isWaitedFor();
      await converge(id);
      const shell = (await opening) as Socket;
      shell.send({ type: 'command', command: 'echo in the shell' });
      expect(await shell.next()).toMatchObject({ type: 'command_result', stdout: 'in the shell\n' });
      shell.ws.close();
    } finally {
      await serving.close();
    }
  });

  it.each([
    ['execute', 'execute', { command: 'true', timeout: 1 }],
    ['start', 'execs?wait=0.05', { argv: ['true'] }],
  ])('waits no longer than its own time, and may be repeated: %s', async (_name, route, body) => {
    const id = await create();
    const answer = await call(`/v1/sessions/${id}/${route}`, { body });
    expect(answer).toMatchObject({ status: 503, json: { code: 'unavailable', retryable: true } });
    expect((answer.json as { detail: string }).detail).toBe(
      `Session ${id} is still being created. Make the same call again.`,
    );
    expect([waiting, await recorded(id)]).toEqual([0, 0]);
    await converge(id);
    expect((await call(`/v1/sessions/${id}/${route}`, { body })).status).toBe(200);
  });

  it.each(['execute', 'execs'])('is told why the session failed meanwhile: %s', async (route) => {
    refuses = true;
    const id = await create();
    const running = call(`/v1/sessions/${id}/${route}`, { body: { command: 'true' } });
    await isWaitedFor();
    await converge(id);
    const { status, json } = await running;
    expect({ status, json }).toMatchObject({ status: 409, json: { code: 'session_not_running', retryable: false } });
    expect((json as { detail: string }).detail).toContain('There is no room for it');
    expect(await recorded(id)).toBe(0);
    // Also of a session that has failed long ago.
    await converge(id);
    const late = await call(`/v1/sessions/${id}/${route}`, { body: { command: 'true' } });
    expect(late).toMatchObject({ status: 409, json: { code: 'session_not_running' } });
    expect((late.json as { detail: string }).detail).toContain('There is no room for it');
  });

  it.each([{}, { 'Idempotency-Key': 'left' }])('starts nothing if its caller leaves: %o', async (headers) => {
    const serving = await serveLive(apiOver(platform));
    try {
      const id = await create();
      const leave = new AbortController();
      const left = fetch(`${serving.url}/v1/sessions/${id}/execute`, {
        method: 'POST',
        headers: { 'X-API-Key': admin, ...headers },
        body: JSON.stringify({ command: 'true' }),
        signal: leave.signal,
      });
      await isWaitedFor();
      leave.abort();
      await expect(left).rejects.toThrow();
      await eventually('nobody waits any more', () => waiting === 0);
      await converge(id);
      expect(await recorded(id)).toBe(0);
    } finally {
      await serving.close();
    }
  });
});
