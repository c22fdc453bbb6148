import { createPublicKey, verify, type webcrypto } from 'node:crypto';
import type { CloudTasksClient, protos } from '@google-cloud/tasks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HANGS_SECONDS } from '../../acceptance/support/until.ts';
import type { CloudTasksServer } from '../../support/cloud-tasks/server.ts';
import { ACCOUNT, type Delivered, LOCATION, verifierOf } from './cloud-tasks-fixture.ts';
import { openServer, poll, refusal } from './cloud-tasks-server-fixture.ts';

type Task = protos.google.cloud.tasks.v2.ITask;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe('Cloud Tasks, the test server', () => {
  let one: Awaited<ReturnType<typeof openServer>>;
  let admin: CloudTasksClient;
  let server: CloudTasksServer;
  beforeAll(async () => {
    one = await openServer();
    ({ admin, server } = one);
  });
  afterAll(() => one?.close());

  it('fills in the defaults of a queue, changes what a mask names, and lists', async () => {
    const { name } = await one.queue();
    const [made] = await admin.getQueue({ name });
    expect(made).toMatchObject({
      state: 'RUNNING',
      rateLimits: { maxDispatchesPerSecond: 500, maxBurstSize: 100, maxConcurrentDispatches: 1000 },
      retryConfig: { maxAttempts: 100, maxDoublings: 16, minBackoff: { nanos: 100_000_000 } },
    });
    const [changed] = await admin.updateQueue({
      queue: {
        name,
        rateLimits: { maxDispatchesPerSecond: 5, maxConcurrentDispatches: 7 },
        retryConfig: { maxAttempts: 2 },
      },
      updateMask: { paths: ['rate_limits.max_concurrent_dispatches', 'retry_config'] },
    });
    expect(changed).toMatchObject({
      rateLimits: { maxDispatchesPerSecond: 500, maxConcurrentDispatches: 7 },
      retryConfig: { maxAttempts: 2 },
    });
    expect((await admin.pauseQueue({ name }))[0].state).toBe('PAUSED');
    expect((await admin.resumeQueue({ name }))[0].state).toBe('RUNNING');
    // What is not there is created by a change.
    const other = `${LOCATION}/queues/made-by-update`;
    await admin.updateQueue({ queue: { name: other } });
    const names = (await admin.listQueues({ parent: LOCATION }))[0].map((queue) => queue.name);
    expect(names).toEqual(names.toSorted());
    expect(names).toEqual(expect.arrayContaining([name, other]));
    expect(await refusal(admin.createQueue({ parent: LOCATION, queue: { name } }))).toContain('6 ALREADY_EXISTS');
    for (const queue of [
      { name: `${LOCATION}/queues/under_score` },
      { name: `${LOCATION}/queues/${'q'.repeat(101)}` },
      { name: `${LOCATION}/queues/fast`, rateLimits: { maxDispatchesPerSecond: 501 } },
      { name: `${LOCATION}/queues/wide`, rateLimits: { maxConcurrentDispatches: 5001 } },
      { name: `${LOCATION}/queues/less`, retryConfig: { maxAttempts: -2 } },
    ]) {
      expect(await refusal(admin.createQueue({ parent: LOCATION, queue }))).toContain('3 INVALID_ARGUMENT');
    }
  });

  it('refuses a task that is too far, too large, badly named or has a deadline out of range', async () => {
    const { name: queue, add } = await one.queue();
    const [url, ahead] = ['http://127.0.0.1:9/x', (ms: number) => ({ seconds: Math.floor((Date.now() + ms) / 1000) })];
    const bad: readonly [string, Task, string][] = [
      ['far', { scheduleTime: ahead(30 * DAY_MS + 60_000) }, 'Schedule time must be no more than 720h in the future.'],
      ['short', { dispatchDeadline: { seconds: 14 } }, 'must be between [15s, 30m]'],
      ['long', { dispatchDeadline: { seconds: 1801 } }, 'must be between [15s, 30m]'],
      ['a b', {}, 'must be formatted'],
      ['x'.repeat(501), {}, 'must be formatted'],
      ['get', { httpRequest: { httpMethod: 'GET', body: Buffer.from('x') } }, 'must not have a body'],
      ['large', { httpRequest: { body: Buffer.alloc(1_048_577) } }, 'Task size too large'],
      ['headers', { httpRequest: { headers: { a: 'x'.repeat(81_920) } } }, 'less than 80KB'],
      ['url', { httpRequest: { url: 'ftp://a/' } }, 'must begin with'],
    ];
    for (const [id, task, text] of bad) {
      const said = await refusal(add(url, id, task));
      expect(said).toContain('3 INVALID_ARGUMENT');
      expect(said).toContain(text);
    }
    const other = `${queue}-other/tasks/a`;
    expect(await refusal(admin.createTask({ parent: queue, task: { name: other, httpRequest: { url } } }))).toContain(
      'does not belong',
    );
    const stranger = { serviceAccountEmail: 'tasks@other-project.iam.gserviceaccount.com' };
    expect(await refusal(add(url, 'stranger', { httpRequest: { oidcToken: stranger } }))).toContain(
      '7 PERMISSION_DENIED',
    );
    const late = admin.createTask({ parent: queue, task: { httpRequest: { url } } }, { timeout: 60_000 });
    expect(await refusal(late)).toContain('cannot be more than 30s in the future');
    // At the edges it takes them, and names what has no name.
    await add(url, 'near', { scheduleTime: ahead(30 * DAY_MS - 60_000), dispatchDeadline: { seconds: 1800 } });
    const unnamed = { scheduleTime: ahead(HOUR_MS), httpRequest: { url } };
    const [made] = await admin.createTask({ parent: queue, task: unnamed });
    expect(made.name).toMatch(/\/tasks\/\d+$/);
  });

  it('gets, lists in pages and deletes tasks, and leaves the body out of the basic view', async () => {
    const { name: parent, add } = await one.queue();
    const body = Buffer.from('{"id":1}');
    const scheduleTime = { seconds: Math.floor(Date.now() / 1000) + 3600 };
    for (const id of ['a', 'b', 'c']) {
      await add('http://127.0.0.1:9/', id, { scheduleTime, httpRequest: { httpMethod: 'POST', body } });
    }
    const [basic] = await admin.getTask({ name: `${parent}/tasks/a` });
    expect(basic).toMatchObject({
      view: 'BASIC',
      scheduleTime: { seconds: String(scheduleTime.seconds) },
      dispatchCount: 0,
    });
    expect(basic.httpRequest?.body).toHaveLength(0);
    const [full] = await admin.getTask({ name: `${parent}/tasks/a`, responseView: 'FULL' });
    expect(Buffer.from(full.httpRequest?.body ?? '').toString()).toBe('{"id":1}');
    const [page, next] = await admin.listTasks({ parent, pageSize: 2 }, { autoPaginate: false });
    expect(page).toHaveLength(2);
    const [rest] = await admin.listTasks(
      { parent, pageSize: 2, pageToken: next?.pageToken ?? '' },
      { autoPaginate: false },
    );
    expect(rest.map((task) => task.name)).toEqual([`${parent}/tasks/c`]);
    await admin.deleteTask({ name: `${parent}/tasks/a` });
    expect(await refusal(admin.getTask({ name: `${parent}/tasks/a` }))).toContain('5 NOT_FOUND');
    await admin.purgeQueue({ name: parent });
    expect((await admin.listTasks({ parent }))[0]).toEqual([]);
    // Purged and deleted names are used.
    expect(await refusal(add('http://127.0.0.1:9/', 'b'))).toContain('existed too recently');
  });

  it('delivers with its headers, and a token that Google’s library and the key set verify', async () => {
    const attempts: number[] = [];
    const worker = await one.worker(async ({ headers }) => {
      attempts.push(Number(headers['x-cloudtasks-taskretrycount']));
      return [404, 500, 200][attempts.length - 1] ?? 200;
    });
    const { name, add } = await one.queue({ retryConfig: { minBackoff: { seconds: 1 } } });
    await add(`${worker.url}/tasks/x?y=1`, 'a', {
      httpRequest: {
        headers: { 'Content-Type': 'application/json', 'User-Agent': 'mine', Authorization: 'mine', 'X-Own': 'kept' },
        body: Buffer.from('{}'),
        oidcToken: { serviceAccountEmail: ACCOUNT, audience: 'https://worker.example' },
      },
    });
    await poll(() => worker.seen.length).toBe(3);
    const [first, second, third] = worker.seen.map(({ headers }) => headers);
    expect(first).toMatchObject({
      'user-agent': 'Google-Cloud-Tasks',
      'content-type': 'application/json',
      'x-own': 'kept',
      'x-cloudtasks-queuename': name.split('/').at(-1),
      'x-cloudtasks-taskname': 'a',
      'x-cloudtasks-taskretrycount': '0',
      'x-cloudtasks-taskexecutioncount': '0',
    });
    expect(first?.['x-cloudtasks-taskpreviousresponse']).toBeUndefined();
    expect(Math.abs(Number(first?.['x-cloudtasks-tasketa']) - Date.now() / 1000)).toBeLessThan(HANGS_SECONDS);
    expect(second).toMatchObject({
      'x-cloudtasks-taskretrycount': '1',
      'x-cloudtasks-taskexecutioncount': '1',
      'x-cloudtasks-taskpreviousresponse': '404',
    });
    // Of executions a 5xx is none.
    expect(third).toMatchObject({
      'x-cloudtasks-taskretrycount': '2',
      'x-cloudtasks-taskexecutioncount': '1',
      'x-cloudtasks-taskpreviousresponse': '500',
    });

    const [delivered] = worker.seen as [Delivered];
    expect(await verifierOf(server, 'https://worker.example')(delivered)).toBe(true);
    expect(await verifierOf(server, 'https://worker.example/')(delivered)).toBe(false);
    const [head = '', payload = '', signature = ''] = (delivered.headers.authorization ?? '').slice(7).split('.');
    const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string };
    const set = (await (await fetch(server.jwks_url)).json()) as { keys: (webcrypto.JsonWebKey & { kid: string })[] };
    const key = set.keys.find((each) => each.kid === kid);
    if (!key) throw new Error('the key is not in the set');
    const publicKey = createPublicKey({ key, format: 'jwk' });
    expect(verify('sha256', Buffer.from(`${head}.${payload}`), publicKey, Buffer.from(signature, 'base64url'))).toBe(
      true,
    );
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    expect(claims).toMatchObject({ iss: 'https://accounts.google.com', email: ACCOUNT, email_verified: true });
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(3600);
    expect(claims['azp']).toBe(claims['sub']);
    // A new key: tokens of the one before it are still verified.
    await server.tokens.rotate();
    expect(await verifierOf(server, 'https://worker.example')(delivered)).toBe(true);
    const forged = server.tokens.issue(ACCOUNT, 'https://worker.example', { iss: 'https://evil.example' });
    const headers = { authorization: `Bearer ${forged}` };
    expect(await verifierOf(server, 'https://worker.example')({ ...delivered, headers })).toBe(false);
  });

  it('gives the URL as audience where none is set, and no token where none is asked for', async () => {
    const worker = await one.worker();
    const { add } = await one.queue();
    const url = `${worker.url}/tasks/x?y=1`;
    await add(url, 'token', { httpRequest: { oidcToken: { serviceAccountEmail: ACCOUNT } } });
    await poll(() => worker.seen.length).toBe(1);
    expect(await verifierOf(server, url)(worker.seen[0] as Delivered)).toBe(true);
    await add(url, 'none', { httpRequest: { headers: { Authorization: 'Basic own' } } });
    await poll(() => worker.seen.length).toBe(2);
    expect(worker.seen[1]?.headers.authorization).toBe('Basic own');
  });

  it('holds a paused queue’s tasks, but runs one at once when asked', async () => {
    const worker = await one.worker(async () => (worker.seen.length === 1 ? 500 : 200));
    const { name, add } = await one.queue({ retryConfig: { minBackoff: { seconds: 5 }, maxBackoff: { seconds: 5 } } });
    await admin.pauseQueue({ name });
    await add(worker.url, 'a');
    await add(worker.url, 'b');
    const [run] = await admin.runTask({ name: `${name}/tasks/a` });
    expect(run.dispatchCount).toBe(1);
    await poll(() => worker.seen.length).toBe(1);
    expect(worker.seen[0]?.headers['x-cloudtasks-taskname']).toBe('a');
    const failed = async () => (await admin.getTask({ name: `${name}/tasks/a` }))[0].lastAttempt?.responseStatus?.code;
    await poll(failed).toBe(13);
    await admin.resumeQueue({ name });
    await poll(() => worker.seen.length).toBe(3);
    const gone = () =>
      admin.runTask({ name: `${name}/tasks/b` }).then(
        () => '',
        (error: Error) => error.message,
      );
    await poll(gone).toContain('5 NOT_FOUND');
  });

  it('never has more deliveries under way than the queue allows', async () => {
    let [running, most] = [0, 0];
    const worker = await one.worker(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      return 200;
    });
    const { add } = await one.queue({ rateLimits: { maxConcurrentDispatches: 3 } });
    await Promise.all(Array.from({ length: 30 }, (_, n) => add(worker.url, `t${n}`)));
    await poll(() => worker.seen.length).toBe(30);
    expect(most).toBe(3);
  });

  it('gives a task up that is not answered by its deadline, and tries again', async () => {
    const worker = await one.worker(async () => (worker.seen.length === 1 ? null : 200));
    const { name, add } = await one.queue();
    await add(worker.url, 'a', { dispatchDeadline: { seconds: 15 } });
    await poll(() => worker.seen.length).toBe(1);
    expect((await admin.getTask({ name: `${name}/tasks/a` }))[0]).toMatchObject({ dispatchCount: 1, responseCount: 0 });
    await poll(() => worker.seen.length).toBe(2);
    expect(worker.seen[1]?.headers).toMatchObject({
      'x-cloudtasks-taskretrycount': '1',
      'x-cloudtasks-taskexecutioncount': '0',
      'x-cloudtasks-taskretryreason': 'DEADLINE_EXCEEDED',
    });
  });

  it('drops a task when its attempts and its time are over, both', async () => {
    const worker = await one.worker(async () => 500);
    const fast = { maxAttempts: 2, minBackoff: { seconds: 1 }, maxBackoff: { seconds: 1 } };
    const attempts = await one.queue({ retryConfig: fast });
    // 40 s are 400 ms here.
    const both = await one.queue({ retryConfig: { ...fast, maxRetryDuration: { seconds: 40 } } });
    const before = server.counts.dropped;
    await attempts.add(worker.url, 'attempts');
    await both.add(worker.url, 'both');
    await poll(() => server.counts.dropped).toBe(before + 2);
    const count = (id: string) => worker.seen.filter(({ headers }) => headers['x-cloudtasks-taskname'] === id).length;
    expect(count('attempts')).toBe(2);
    expect(count('both')).toBeGreaterThan(4);
    expect(await refusal(both.add(worker.url, 'both'))).toContain('6 ALREADY_EXISTS');
  });

  it('slows a queue down after 429 and 503, looks at Retry-After, and recovers', async () => {
    // 60 s are 600 ms here; without the header it would be 10 ms.
    const headers = { 'Retry-After': '60' };
    const at: number[] = [];
    const worker = await one.worker(async () => {
      at.push(Date.now());
      return at.length === 1 ? { status: 503, headers } : 200;
    });
    const { name, add } = await one.queue({ retryConfig: { minBackoff: { seconds: 1 } } });
    expect(server.shareOf(name)).toBe(1);
    await add(worker.url, 'a');
    const [, least] = await new Promise<[boolean, number]>((resolve) => {
      const look = (): unknown =>
        server.shareOf(name) < 1 ? resolve([true, server.shareOf(name)]) : setImmediate(look);
      look();
    });
    expect(least).toBeGreaterThanOrEqual(0.5);
    await poll(() => at.length).toBe(2);
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(590);
    await poll(() => server.shareOf(name)).toBe(1);
  });

  it('delivers nothing and answers nothing in an outage, and goes on after it', async () => {
    const worker = await one.worker();
    const { name, add } = await one.queue();
    await add(worker.url, 'a', { scheduleTime: { seconds: Math.floor(Date.now() / 1000) + 3600 } });
    server.setFaults({ outage: true });
    expect(await refusal(add(worker.url, 'b'))).toContain('14 UNAVAILABLE');
    server.clock.advance(HOUR_MS);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(worker.seen).toHaveLength(0);
    server.setFaults({ outage: false });
    await poll(() => worker.seen.length).toBe(1);
    expect((await admin.getQueue({ name }))[0].state).toBe('RUNNING');
  });

  it('delivers twice, one after the other or at once, and once more after a lost acknowledgement', async () => {
    let [running, most] = [0, 0];
    const worker = await one.worker(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running -= 1;
      return 200;
    });
    const { add } = await one.queue({ retryConfig: { minBackoff: { seconds: 1 } } });
    server.setFaults({ duplicates: 'one after the other' });
    await add(worker.url, 'after');
    await poll(() => worker.seen.length).toBe(2);
    await poll(() => running).toBe(0);
    expect(most).toBe(1);
    server.setFaults({ duplicates: 'at once' });
    await add(worker.url, 'once');
    await poll(() => worker.seen.length).toBe(4);
    await poll(() => running).toBe(0);
    expect(most).toBe(2);
    server.setFaults({ duplicates: 'none', lost_acknowledgements: 1 });
    await add(worker.url, 'lost');
    await poll(() => server.counts.lost_acknowledgements).toBeGreaterThanOrEqual(1);
    server.setFaults({ lost_acknowledgements: 0 });
    await poll(() => worker.seen.length).toBeGreaterThanOrEqual(6);
    const retried = worker.seen.at(-1)?.headers;
    expect(retried?.['x-cloudtasks-taskretryreason']).toBe('the acknowledgement was lost');
  });
});
