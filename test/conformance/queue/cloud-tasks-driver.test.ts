import type { CloudTasksClient } from '@google-cloud/tasks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openCloudTasksQueue } from '#drivers/queue/cloud-tasks/open.ts';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import { type CloudTasksServer, startCloudTasks } from '../../support/cloud-tasks/server.ts';
import { CATALOGUE, createQueues, openDriven, PREFIX, rejection, task, WORKER } from './cloud-tasks-driver-fixture.ts';
import {
  ACCOUNT,
  adminOf,
  type Delivered,
  LOCATION,
  openWorker,
  type Respond,
  verifierOf,
} from './cloud-tasks-fixture.ts';
import { poll } from './cloud-tasks-server-fixture.ts';
import { recordingLog } from './recording-log.ts';

const FAR_MS = 400 * 24 * 3_600_000;

describe('Cloud Tasks, the driver', () => {
  let one: Awaited<ReturnType<typeof openDriven>>;
  let server: CloudTasksServer;
  let admin: CloudTasksClient;
  beforeEach(async () => {
    one = await openDriven();
    ({ server, admin } = one);
  });
  afterEach(() => one?.close());
  const stored = async (id: string, name: string) =>
    (await admin.getTask({ name: `${LOCATION}/queues/${PREFIX}${id}/tasks/${name}`, responseView: 'FULL' }))[0];
  const soon = () => Date.now() + 600_000;

  it('sends ids as JSON to the worker’s path, with a token for the service and the deadline of the catalogue', async () => {
    const at = soon();
    expect(await one.queue.enqueue(task('a', { at }))).toBe(true);
    const found = await stored('test-run', 'a');
    expect(found.httpRequest).toMatchObject({
      url: `${WORKER}/tasks/test.run`,
      httpMethod: 'POST',
      oidcToken: { serviceAccountEmail: ACCOUNT, audience: WORKER },
    });
    expect(found.httpRequest?.headers?.['Content-Type']).toBe('application/json');
    expect(JSON.parse(Buffer.from(found.httpRequest?.body ?? '').toString())).toEqual({ v: 1, id: 'ü' });
    const { seconds, nanos } = found.scheduleTime ?? {};
    expect(Number(seconds) * 1000 + Number(nanos) / 1e6).toBe(at);
    expect(found.dispatchDeadline).toMatchObject({ seconds: '60' });
    // Within what Cloud Tasks allows.
    await one.queue.enqueue(task('q', { task: 'test.quick', at }));
    expect((await stored('test-quick', 'q')).dispatchDeadline).toMatchObject({ seconds: '15' });
    await one.queue.enqueue(task('s', { task: 'test.slow', at: Date.now() + FAR_MS }));
    const slow = await stored('test-slow', 's');
    expect(slow.dispatchDeadline).toMatchObject({ seconds: '1800' });
    const ahead = Number(slow.scheduleTime?.seconds) - Date.now() / 1000;
    expect(ahead).toBeGreaterThan(29.9 * 86_400);
    expect(ahead).toBeLessThan(30 * 86_400);
  });

  it('takes an answer that was lost for done, whether the service failed or said nothing', async () => {
    server.setFaults({ lost_answers: 'unavailable' });
    expect(await one.queue.enqueue(task('failed', { at: soon() }))).toBe(true);
    server.setFaults({ lost_answers: 'silence' });
    expect(await one.queue.enqueue(task('silent', { at: soon() }))).toBe(true);
    server.setFaults({ lost_answers: 'none' });
    expect(server.counts).toMatchObject({ created: 2, lost_answers: 2, calls: { CreateTask: 4 } });
    // A name that another call has used.
    expect(await one.queue.enqueue(task('silent', { at: soon() }))).toBe(false);
    expect(server.counts.calls['CreateTask']).toBe(5);
  });

  it('gives up after three calls that stall, however many wait behind them, and stores nothing', async () => {
    server.setFaults({ stall_ms: 25_000 });
    const all = Array.from({ length: 100 }, (_, n) => one.queue.enqueue(task(`t${n}`)).catch((error: Error) => error));
    const errors = (await Promise.all(all)) as Error[];
    expect(errors.map(({ message }) => message).filter((text) => !/^task t\d+ was not enqueued/.test(text))).toEqual(
      [],
    );
    expect(server.counts).toMatchObject({ created: 0, most_creating: 32 });
    // Three rounds of 32: the others were sent away each time, and no caller waited for more than three calls.
    expect(server.counts.calls['CreateTask']).toBeLessThanOrEqual(3 * 32);
    expect(server.counts.longest_wait_ms).toBeGreaterThan(0);
    expect(server.counts.longest_wait_ms).toBeLessThanOrEqual(2_000);
    // The same client works once the service does.
    server.setFaults({ stall_ms: 0 });
    expect(await one.queue.enqueue(task('t0', { at: soon() }))).toBe(true);
  });

  it('does not take a name for its own that another caller used while it waited', async () => {
    server.setFaults({ stall_ms: 25_000 });
    const before = Array.from({ length: 32 }, (_, n) => one.queue.enqueue(task(`t${n}`, { at: soon() })));
    const waiting = one.queue.enqueue(task('used', { at: soon() }));
    await poll(() => server.counts.creating).toBe(32);
    server.setFaults({ stall_ms: 0 });
    const parent = `${LOCATION}/queues/${PREFIX}test-run`;
    const scheduleTime = { seconds: Math.floor(soon() / 1000) };
    await admin.createTask({
      parent,
      task: { name: `${parent}/tasks/used`, scheduleTime, httpRequest: { url: WORKER } },
    });
    expect(await waiting).toBe(false);
    expect(new Set(await Promise.all(before))).toEqual(new Set([true]));
  });

  it('has at most 32 calls under way, and enqueues all', async () => {
    server.setFaults({ stall_ms: 20 });
    const all = Array.from({ length: 200 }, (_, n) => one.queue.enqueue(task(`t${n}`, { at: soon() })));
    expect(new Set(await Promise.all(all))).toEqual(new Set([true]));
    expect(server.counts).toMatchObject({ created: 200, most_creating: 32 });
  });

  it('fails in an outage after three tries, and works after it', async () => {
    server.setFaults({ outage: true });
    const { message } = await rejection(one.queue.enqueue(task('a')));
    expect(message).toMatch(/^task a was not enqueued: 14 UNAVAILABLE: .*The sweeps repeat/);
    expect(server.counts.calls['CreateTask']).toBe(3);
    server.setFaults({ outage: false });
    expect(await one.queue.enqueue(task('a', { at: soon() }))).toBe(true);
  });

  it('asks once where a repeat can’t help, and says in the log what to do', async () => {
    await admin.deleteQueue({ name: `${LOCATION}/queues/${PREFIX}test-run` });
    const { message } = await rejection(one.queue.enqueue(task('a')));
    expect(message).toContain('9 FAILED_PRECONDITION');
    expect(message).toContain('Create the queue.');
    expect(server.counts.calls['CreateTask']).toBe(1);
    expect(one.log.lines).toEqual(['error a task is refused']);
  });

  it('is told of a queue that wakes up that it comes later', async () => {
    server.clock.advance(31 * 24 * 3_600_000);
    expect((await rejection(one.queue.enqueue(task('a')))).message).toContain('5 NOT_FOUND');
    expect(one.log.lines).toEqual([]);
    server.clock.advance(60_000);
    expect(await one.queue.enqueue(task('a'))).toBe(true);
  });

  it('finds a service again that was restarted', async () => {
    expect(await one.queue.enqueue(task('a', { at: soon() }))).toBe(true);
    const { port } = server;
    await server.stop();
    expect((await rejection(one.queue.enqueue(task('b')))).message).toContain('14 UNAVAILABLE');
    const again = await startCloudTasks({ port });
    const created = adminOf(again);
    await createQueues(created, { prefix: PREFIX, catalogue: CATALOGUE });
    await poll(() => one.queue.enqueue(task('b', { at: soon() })).catch(() => null)).toBe(true);
    await created.close();
    await again.stop();
  });

  it('is closed for good', async () => {
    await one.queue.enqueue(task('a', { at: soon() }));
    await one.queue.close();
    expect((await rejection(one.queue.enqueue(task('b')))).message).toContain('the queue is closed');
  });
});

describe('Cloud Tasks, its tokens', () => {
  it('are for the bare URL of the service, compared exactly', async () => {
    const seen: { audience: string; status: number }[] = [];
    let verifies: ((delivered: Delivered) => Promise<boolean>) | null = null;
    const respond: Respond = async (delivered) => {
      const code = (await verifies?.(delivered)) ? 204 : 401;
      const [, claims = ''] = (delivered.headers.authorization ?? '').slice(7).split('.');
      const { aud } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { aud: string };
      seen.push({ audience: aud, status: code });
      return code;
    };
    const worker = await openWorker(respond);
    const one = await openDriven({ workerUrl: worker.url });
    verifies = verifierOf(one.server, worker.url);
    await one.queue.enqueue(task('right'));
    const url = `${worker.url}/tasks/test.run`;
    // What a queue would send if its audience were written otherwise, or not at all.
    const wrong = [`${worker.url}/`, url, `${worker.url}?a=1`, 'https://other.example', ''];
    for (const audience of wrong) {
      await one.admin.createTask({
        parent: `${LOCATION}/queues/${PREFIX}test-run`,
        task: { httpRequest: { url, oidcToken: { serviceAccountEmail: ACCOUNT, audience } } },
      });
    }
    await poll(() => new Set(seen.map(({ audience }) => audience)).size).toBe(5);
    expect(new Set(seen.filter(({ audience }) => audience === worker.url).map((each) => each.status))).toEqual(
      new Set([204]),
    );
    expect(new Set(seen.filter(({ audience }) => audience !== worker.url).map((each) => each.status))).toEqual(
      new Set([401]),
    );
    await one.close();
    await worker.close();
  });

  const right = {
    ...{
      project: 'p',
      location: 'l',
      queuePrefix: 'q-',
      workerUrl: WORKER,
      audience: WORKER,
      serviceAccount: ACCOUNT,
    },
    ...{ catalogue: CATALOGUE, clock: systemClock, ids: systemIds, log: recordingLog() },
  };

  // The client's own calls would end the process: an unhandled rejection fails the test.
  it('fail an enqueue, and not the process, where credentials are missing', async () => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '/nowhere/credentials.json');
    const queue = await openCloudTasksQueue(right);
    expect((await rejection(queue.enqueue(task('a')))).message).toMatch(/^task a was not enqueued: .*credentials/);
    await queue.close();
    vi.unstubAllEnvs();
  });

  it('can’t be configured otherwise', async () => {
    await (await openCloudTasksQueue(right)).close();
    const wrong: readonly (readonly [keyof typeof right, string])[] = [
      ...['', `${WORKER}/`, `${WORKER}/x`, `${WORKER}?a`, 'worker.example', 'ftp://worker.example'].flatMap(
        (value) =>
          [
            ['audience', value],
            ['workerUrl', value],
          ] as const,
      ),
      ...([
        ['project', ''],
        ['location', 'a/b'],
        ['serviceAccount', ''],
        ['serviceAccount', 'nobody'],
        ['queuePrefix', 'a_'],
      ] as const),
    ];
    for (const [setting, value] of wrong) {
      const error = await rejection(openCloudTasksQueue({ ...right, [setting]: value }));
      expect(error, `${setting} ${value}`).toBeInstanceOf(TypeError);
    }
  });
});
