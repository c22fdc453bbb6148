import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { RETRIES, TASKS } from '#contract/tasks.ts';
import { hashedName } from '#domain/names.ts';
import { ANSWERS, answerOf } from '#drivers/queue/cloud-tasks/answers.ts';
import { queueConfigs, queueMessage } from '#drivers/queue/cloud-tasks/queues.ts';
import { startCloudTasks } from '../../support/cloud-tasks/server.ts';
import {
  createQueues,
  openDriven,
  openDriver,
  POLICY,
  PREFIX,
  rejection,
  task,
  WORKER,
} from './cloud-tasks-driver-fixture.ts';
import { adminOf, LOCATION, openWorker } from './cloud-tasks-fixture.ts';
import { poll } from './cloud-tasks-server-fixture.ts';

describe('Cloud Tasks, its answers', () => {
  const codes = Object.entries(status).flatMap(([name, code]) =>
    typeof code === 'number' ? [[name, code] as const] : [],
  );

  it('have one row for each code, by its number', () => {
    expect(codes).toHaveLength(17);
    expect(ANSWERS.map(({ code }) => code)).toEqual(codes.toSorted((a, b) => a[1] - b[1]).map(([name]) => name));
    // No error is without a verdict, and one that is not from the service may pass.
    expect(answerOf(new Error('no code')).verdict).toBe('later');
    expect(answerOf(Object.assign(new Error('x'), { code: 'ENOTFOUND' })).verdict).toBe('later');
    expect(answerOf(Object.assign(new Error('x'), { code: 99 })).verdict).toBe('later');
  });

  it('never take a request that can’t succeed for one that passes, nor the other way', () => {
    const by = (verdict: string) => ANSWERS.filter((each) => each.verdict === verdict).map(({ code }) => code);
    expect(by('done')).toEqual(['OK']);
    expect(by('pointless')).toEqual(['ALREADY_EXISTS']);
    expect(by('later')).toEqual([
      'CANCELLED',
      'UNKNOWN',
      'DEADLINE_EXCEEDED',
      'NOT_FOUND',
      'RESOURCE_EXHAUSTED',
      'ABORTED',
      'INTERNAL',
      'UNAVAILABLE',
    ]);
    // An answer without which its outcome is unknown.
    const unknown = ANSWERS.filter((each) => each.may_be_stored).map(({ code }) => code);
    expect(unknown).toEqual([
      'OK',
      'CANCELLED',
      'UNKNOWN',
      'DEADLINE_EXCEEDED',
      'ABORTED',
      'INTERNAL',
      'UNAVAILABLE',
      'DATA_LOSS',
    ]);
  });

  it('name texts that the test server gives, each for its code', async () => {
    const one = await openDriven();
    const parent = `${LOCATION}/queues/${PREFIX}test-run`;
    const url = `${WORKER}/`;
    const later = { scheduleTime: { seconds: Math.floor(Date.now() / 1000) + 3600 } };
    const create = (more: object, queue = parent) =>
      rejection(
        one.admin.createTask({ parent: queue, task: { httpRequest: { url }, ...later, ...more } }, { timeout: 1000 }),
      );
    const name = `${parent}/tasks/a`;
    await one.admin.createTask({ parent, task: { name, httpRequest: { url }, ...later } });
    const stranger = { serviceAccountEmail: 'a@other.iam.gserviceaccount.com' };
    const said = [
      await create({ name }),
      await create({ scheduleTime: { seconds: Math.floor(Date.now() / 1000) + 40 * 86_400 } }),
      await create({ name: `${parent}/tasks/a b` }),
      await create({ dispatchDeadline: { seconds: 1 } }),
      await create({ httpRequest: { url, oidcToken: stranger } }),
      await create({ httpRequest: null, appEngineHttpRequest: {} }),
      await create({}, `${parent}-none`),
    ];
    await one.admin.deleteTask({ name });
    said.push(await create({ name }));
    await one.admin.deleteQueue({ name: parent });
    said.push(await create({}));
    one.server.clock.advance(31 * 24 * 3_600_000);
    said.push(await create({}, `${LOCATION}/queues/${PREFIX}test-slow`));
    one.server.setFaults({ outage: true });
    said.push(await create({}));
    one.server.setFaults({ outage: false, stall_ms: 60_000 });
    said.push(await create({}));
    await one.close();
    const gone = adminOf(one.server);
    said.push(await rejection(gone.createTask({ parent, task: { httpRequest: { url } } }, { timeout: 2000 })));
    await gone.close();
    const other = await openDriven({ behaviour: { missing_queue: 'NOT_FOUND' } });
    said.push(await rejection(other.admin.createTask({ parent: `${parent}-none`, task: { httpRequest: { url } } })));
    await other.close();

    const heard = new Set<string>();
    for (const error of said) {
      const { code, texts } = answerOf(error);
      const known = texts.test_server.filter((text) => error.message.includes(text));
      expect(known, `${code}: ${error.message}`).not.toEqual([]);
      for (const text of known) heard.add(`${code} ${text}`);
    }
    const named = ANSWERS.flatMap(({ code, texts }) => texts.test_server.map((text) => `${code} ${text}`));
    expect(named.filter((text) => !heard.has(text))).toEqual([]);
  });
});

describe('Cloud Tasks, its queues', () => {
  const capacity = { max_instances: 4, concurrency: 20 };
  const settings = { prefix: 'onmemos-', catalogue: RETRIES, capacity, retry_for_ms: 3_600_000 };

  it('are one for each task of the catalogue, and together deliver no more than the worker takes', () => {
    const configs = queueConfigs(settings);
    expect(configs.map(({ task, id }) => [task, id])).toContainEqual(['session.converge', 'onmemos-session-converge']);
    expect(configs).toHaveLength(Object.keys(TASKS).length);
    const together = configs.reduce((sum, each) => sum + each.rate_limits.max_concurrent_dispatches, 0);
    expect(together).toBeLessThanOrEqual(capacity.max_instances * capacity.concurrency);
    expect(together).toBeGreaterThan(capacity.max_instances * capacity.concurrency - configs.length);
    expect(() => queueConfigs({ ...settings, capacity: { max_instances: 1, concurrency: 2 } })).toThrow('too few');
    // The message is what the client takes, and nothing of the policy is lost in it.
    const webhook = configs.find(({ task }) => task === 'webhook.deliver');
    expect(webhook && queueMessage(LOCATION, webhook)).toEqual({
      name: `${LOCATION}/queues/onmemos-webhook-deliver`,
      rateLimits: {
        maxDispatchesPerSecond: 500,
        maxConcurrentDispatches: Math.floor((capacity.max_instances * capacity.concurrency) / configs.length),
      },
      retryConfig: {
        maxAttempts: 12,
        maxRetryDuration: { seconds: 3600, nanos: 0 },
        minBackoff: { seconds: 5, nanos: 0 },
        maxBackoff: { seconds: 7200, nanos: 0 },
        maxDoublings: 11,
      },
    });
  });

  it('have ids that Cloud Tasks takes, each its own', () => {
    const of =
      (prefix: string, ...tasks: string[]) =>
      () =>
        queueConfigs({ ...settings, prefix, catalogue: Object.fromEntries(tasks.map((name) => [name, POLICY])) });
    expect(of('under_', 'a')).toThrow('can’t be the id of a queue');
    expect(of('p'.repeat(100), 'a')).toThrow('can’t be the id of a queue');
    expect(of('', 'a.b', 'a-b')).toThrow('would share the queue');
    const [short] = of('p-', 'a')();
    expect(short?.retry_config.min_backoff_ms).toBe(1000);
  });

  it('keep a task beyond its attempts while the platform refuses it, and a dropped one comes back by its next name', async () => {
    let refuse = true;
    const worker = await openWorker(async () => (refuse ? 429 : 204));
    // Without throttling, so that attempts are used up fast: an hour is 36 s here, and ten minutes are 6.
    const server = await startCloudTasks({ factor: 1000, behaviour: { throttling: 'off' } });
    const admin = adminOf(server);
    const catalogue = { 'test.run': POLICY };
    await createQueues(admin, { prefix: 'kept-', catalogue, retry_for_ms: 600_000 });
    await createQueues(admin, { prefix: 'lost-', catalogue, retry_for_ms: 0 });
    const [kept, lost] = [
      await openDriver({ server, prefix: 'kept-', catalogue, workerUrl: worker.url }),
      await openDriver({ server, prefix: 'lost-', catalogue, workerUrl: worker.url }),
    ];
    const nameOf = (attempt: number) => hashedName('int', 'ses-1:1', String(attempt));
    await lost.enqueue(task(nameOf(1)));
    await poll(() => server.counts.dropped).toBe(1);
    // Its name is used up: only a new attempt brings it back.
    expect(await lost.enqueue(task(nameOf(1)))).toBe(false);
    expect(await lost.enqueue(task(nameOf(2), { at: Date.now() + 600_000 }))).toBe(true);
    const before = server.counts.deliveries;
    await kept.enqueue(task('a'));
    await poll(() => server.counts.deliveries - before).toBeGreaterThan(3 * POLICY.max_attempts);
    expect(server.counts.dropped).toBe(1);
    refuse = false;
    await poll(async () => (await admin.listTasks({ parent: `${LOCATION}/queues/kept-test-run` }))[0].length).toBe(0);
    expect(server.counts.dropped).toBe(1);
    for (const each of [kept, lost, admin]) await each.close();
    await worker.close();
    await server.stop();
  });
});
