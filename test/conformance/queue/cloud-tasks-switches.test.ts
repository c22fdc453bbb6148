import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_BEHAVIOUR as DEFAULTS, type Behaviour } from '../../support/cloud-tasks/behaviour.ts';
import { Pace } from '../../support/cloud-tasks/pace.ts';
import { isSpent, pauseAfter, type Retries } from '../../support/cloud-tasks/retries.ts';
import { ServerClock } from '../../support/cloud-tasks/server-clock.ts';
import { startProgram } from '../../support/program.ts';
import { LOCATION } from './cloud-tasks-fixture.ts';
import { openServer, poll, refusal } from './cloud-tasks-server-fixture.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOWHERE = 'http://127.0.0.1:9/';
const LATER = { scheduleTime: { seconds: Math.floor(Date.now() / 1000) + 20 * 86_400 } };

/** A clock whose wall-clock time a test moves. */
const stillClock = () => {
  let now = 1_000_000;
  const clock = new ServerClock(1);
  clock.now = () => now;
  const pass = (ms: number): void => {
    now += ms;
  };
  return { clock, pass };
};

describe('Cloud Tasks, what its pages leave open', () => {
  let one: Awaited<ReturnType<typeof openServer>> | null = null;
  afterEach(() => one?.close());
  const open = async (behaviour: Partial<Behaviour> = {}) => {
    one = await openServer(behaviour);
    return one;
  };

  it.each([1, 24] as const)('holds the name of an ended task for %i hours', async (name_held_hours) => {
    const { admin, queue, server } = await open({ name_held_hours });
    const { name, add } = await queue();
    await add(NOWHERE, 'a', LATER);
    expect(await refusal(add(NOWHERE, 'a', LATER))).toContain('6 ALREADY_EXISTS: Requested entity already exists');
    await admin.deleteTask({ name: `${name}/tasks/a` });
    // The server’s own durations pass as many times as fast.
    const held = (name_held_hours * HOUR_MS) / server.clock.factor;
    server.clock.advance(held - 20_000);
    expect(await refusal(add(NOWHERE, 'a', LATER))).toContain('existed too recently');
    server.clock.advance(20_000);
    await add(NOWHERE, 'a', LATER);
  });

  it.each([
    [3, 'FAILED_PRECONDITION', '9 FAILED_PRECONDITION: The queue no longer exists'],
    [7, 'NOT_FOUND', '5 NOT_FOUND'],
  ] as const)(
    'holds the name of a deleted queue for %i days, and answers its tasks %s',
    async (days, missing, text) => {
      const { admin, queue, server } = await open({ queue_name_held_days: days, missing_queue: missing });
      const { name, add } = await queue();
      await admin.deleteQueue({ name });
      expect(await refusal(add(NOWHERE, 'a'))).toContain(text);
      expect(await refusal(admin.getQueue({ name }))).toContain('5 NOT_FOUND');
      const again = () => admin.createQueue({ parent: LOCATION, queue: { name } });
      server.clock.advance((days * DAY_MS) / server.clock.factor - 20_000);
      expect(await refusal(again())).toContain('existed too recently');
      server.clock.advance(20_000);
      await again();
    },
  );

  it('lets a queue that was idle for 30 days wake up for minutes, or not', async () => {
    const { admin, queue, server, worker } = await open();
    const { url, seen } = await worker();
    const { name, add } = await queue();
    server.clock.advance(30 * DAY_MS + 1000);
    expect(await refusal(add(url, 'a'))).toContain('5 NOT_FOUND');
    expect(await refusal(admin.getQueue({ name }))).toContain('5 NOT_FOUND');
    server.clock.advance(2000);
    await add(url, 'a');
    await poll(() => seen.length).toBe(1);
    await one?.close();
    const ready = await open({ idle_queue: 'ready' });
    const other = await ready.queue();
    ready.server.clock.advance(30 * DAY_MS + 1000);
    await other.add(NOWHERE, 'a', { scheduleTime: { seconds: Math.floor(ready.server.clock.now() / 1000) + 3600 } });
  });

  it('deletes a task that is 31 days old, delivered or not', async () => {
    const { admin, queue, server } = await open({ idle_queue: 'ready' });
    const { name, add } = await queue();
    await admin.pauseQueue({ name });
    await add(NOWHERE, 'a');
    server.clock.advance(31 * DAY_MS - 60_000);
    expect((await admin.listTasks({ parent: name }))[0]).toHaveLength(1);
    server.clock.advance(61_000);
    expect((await admin.listTasks({ parent: name }))[0]).toHaveLength(0);
    expect(await refusal(admin.getTask({ name: `${name}/tasks/a` }))).toContain('5 NOT_FOUND');
  });

  it.each([
    ['followed', ['/first', '/second'], '0'],
    ['not followed', ['/first', '/first'], '1'],
  ] as const)('redirects are %s', async (redirects, paths, retries) => {
    const { queue, worker } = await open({ redirects });
    const seen: { path: string; retries: string }[] = [];
    const { url } = await worker(async ({ task, headers }) => {
      seen.push({ path: task, retries: String(headers['x-cloudtasks-taskretrycount']) });
      return task === '/first' ? { status: 307, headers: { Location: '/second' } } : 200;
    });
    const { add } = await queue({ retryConfig: { minBackoff: { seconds: 1 }, maxAttempts: 2 } });
    await add(`${url}/first`, 'a');
    await poll(() => seen.length).toBe(2);
    expect(seen.map(({ path }) => path)).toEqual(paths);
    // A redirect is no attempt of its own.
    expect(seen[1]?.retries).toBe(retries);
  });

  it('leaves the headers of a retry out', async () => {
    const { queue, worker } = await open({ retry_headers: 'left out' });
    const { url, seen } = await worker(async ({ headers }) =>
      headers['x-cloudtasks-taskretrycount'] === '0' ? 500 : 200,
    );
    const { add } = await queue({ retryConfig: { minBackoff: { seconds: 1 } } });
    await add(url, 'a');
    await poll(() => seen.length).toBe(2);
    expect(Object.keys(seen[1]?.headers ?? {}).filter((name) => /previous|reason/.test(name))).toEqual([]);
  });

  it('takes a task up to the smaller size', async () => {
    const { queue } = await open({ largest_task_bytes: 102_400 });
    const { add } = await queue();
    const body = (size: number) => ({ ...LATER, httpRequest: { body: Buffer.alloc(size) } });
    await add(NOWHERE, 'small', body(102_000));
    expect(await refusal(add(NOWHERE, 'large', body(102_400)))).toContain('Task size too large');
  });

  it('delivers by time, or in any order', async () => {
    const order = async (side: Behaviour['order']) => {
      const { admin, queue, server, worker } = await open({ order: side });
      const { url, seen } = await worker();
      const { name, add } = await queue({ rateLimits: { maxConcurrentDispatches: 1 } });
      await admin.pauseQueue({ name });
      const ids = Array.from({ length: 20 }, (_, n) => `t${n}`);
      const start = Math.floor(Date.now() / 1000) + 3600;
      for (const [n, id] of ids.entries()) await add(url, id, { scheduleTime: { seconds: start + n } });
      server.clock.advance(2 * HOUR_MS);
      await admin.resumeQueue({ name });
      await poll(() => seen.length).toBe(20);
      await one?.close();
      one = null;
      return seen.map(({ headers }) => String(headers['x-cloudtasks-taskname'])).join() === ids.join();
    };
    expect(await order('by time')).toBe(true);
    expect(await order('any')).toBe(false);
  });
});

describe('Cloud Tasks, its retries', () => {
  // The example of the proto.
  const retries: Retries = {
    ...{ max_attempts: 3, max_retry_ms: null, max_doublings: 3 },
    ...{ min_backoff_ms: 10_000, max_backoff_ms: 300_000 },
  };
  const pauses = (given: Retries, behaviour: Behaviour, chance?: number) =>
    Array.from({ length: 8 }, (_, n) => pauseAfter(n + 1, given, behaviour, chance) / 1000);

  it('double so many times, then grow by what was reached, up to the longest', () => {
    expect(pauses(retries, DEFAULTS)).toEqual([10, 20, 40, 80, 160, 240, 300, 300]);
    expect(pauses({ ...retries, max_doublings: 0 }, DEFAULTS)).toEqual([10, 20, 30, 40, 50, 60, 70, 80]);
  });

  it('have fractions of a second, or none, and a lot within their bounds', () => {
    const short = { ...retries, min_backoff_ms: 1500, max_backoff_ms: 4000 };
    expect(pauses(short, DEFAULTS).slice(0, 3)).toEqual([1.5, 3, 4]);
    expect(pauses(short, { ...DEFAULTS, backoff_fractions: 'cut' }).slice(0, 4)).toEqual([1, 2, 4, 4]);
    const drawn = pauses(retries, { ...DEFAULTS, jitter: 0.2 }, 1);
    expect(drawn.slice(0, 2)).toEqual([12, 24]);
    expect(Math.max(...drawn)).toBe(300);
  });

  it('end when attempts and duration are over, both; without a limit of attempts as the switch says', () => {
    const { clock, pass } = stillClock();
    const spent = (attempts: number, change: Partial<Retries>, behaviour: Partial<Behaviour> = {}) =>
      isSpent(attempts, 1_000_000, { ...retries, ...change }, { ...DEFAULTS, ...behaviour }, clock);
    const minute = { max_retry_ms: 60_000 };
    expect([spent(2, {}), spent(3, {}), spent(3, minute)]).toEqual([false, true, false]);
    pass(60_000);
    expect([spent(2, minute), spent(3, minute)]).toEqual([false, true]);
    const unlimited = { ...minute, max_attempts: null };
    expect(spent(1000, unlimited)).toBe(false);
    expect(spent(1000, unlimited, { unlimited_attempts: 'until the duration' })).toBe(true);
    expect(spent(1000, { max_attempts: null }, { unlimited_attempts: 'until the duration' })).toBe(false);
  });
});

describe('Cloud Tasks, its pace', () => {
  const limits = { max_dispatches_per_second: 10, max_burst_size: 2, max_concurrent_dispatches: 3 };

  it('is a burst, and then the rate', () => {
    const { clock, pass } = stillClock();
    const pace = new Pace(limits, DEFAULTS, clock);
    expect([pace.take(), pace.take()]).toEqual([0, 0]);
    expect(pace.take()).toBeCloseTo(100);
    pass(99);
    expect(pace.take()).toBeGreaterThan(0);
    pass(1);
    expect(pace.take()).toBe(0);
    pass(60_000);
    expect([pace.take(), pace.take(), pace.take() > 0]).toEqual([0, 0, true]);
    pace.running = 3;
    pass(60_000);
    expect(pace.take()).toBe(Number.POSITIVE_INFINITY);
  });

  it('halves with each 429 and 503, and with errors alone; it comes back by itself', () => {
    const { clock, pass } = stillClock();
    const pace = new Pace(limits, DEFAULTS, clock);
    for (const status of [200, 404, 500, null]) pace.answered(status);
    expect(pace.share).toBe(1);
    for (const status of [429, 503]) pace.answered(status);
    expect(pace.share).toBe(0.25);
    pass(1000);
    expect(pace.share).toBeCloseTo(0.5);
    pass(1000);
    expect(pace.share).toBe(1);
    for (let n = 0; n < 50; n++) pace.answered(500);
    expect(pace.share).toBeLessThan(1);
    const free = new Pace(limits, { ...DEFAULTS, throttling: 'off' }, clock);
    free.answered(429);
    expect(free.share).toBe(1);
  });

  it('is slow at first, where a new queue starts slowly', () => {
    const { clock, pass } = stillClock();
    const pace = new Pace({ ...limits, max_burst_size: 10 }, { ...DEFAULTS, ramp_up: 'on' }, clock);
    expect(pace.share).toBeLessThan(0.1);
    expect(pace.take()).toBeGreaterThan(0);
    pass(6000);
    expect([pace.share, pace.take()]).toEqual([1, 0]);
  });
});

describe('Cloud Tasks, the program', () => {
  const MAIN = join(import.meta.dirname, '../../support/cloud-tasks/main.ts');
  const start = (...args: string[]) => startProgram(process.execPath, [MAIN, ...args], { env: process.env });

  it('prints its addresses, takes faults, and ends with SIGTERM', async () => {
    const program = start('--factor', '100', '--set', 'name_held_hours=1', '--faults', '{"stall_ms": 5}');
    await poll(program.stdout).toContain('\n');
    const { pages_url, certs_url, port } = JSON.parse(program.stdout()) as Record<string, string>;
    expect(Number(port)).toBeGreaterThan(0);
    expect(Object.values((await (await fetch(certs_url ?? '')).json()) as object).join()).toContain(
      'BEGIN CERTIFICATE',
    );
    const ask = async (method: string, path: string, body?: string) => {
      const answer = await fetch(`${pages_url}${path}`, { method, ...(body === undefined ? {} : { body }) });
      return [answer.status, await answer.json()] as const;
    };
    expect(await ask('GET', '/faults')).toMatchObject([200, { stall_ms: 5, outage: false }]);
    expect(await ask('PUT', '/faults', '{"outage": true}')).toMatchObject([200, { stall_ms: 5, outage: true }]);
    for (const wrong of ['{"outages": true}', '{"duplicates": "often"}', '{"stall_ms": "5"}', 'x']) {
      expect((await ask('PUT', '/faults', wrong))[0]).toBe(400);
    }
    expect(await ask('GET', '/counts')).toMatchObject([200, { created: 0, calls: {} }]);
    program.child.kill('SIGTERM');
    expect(await program.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('says what is wrong with its arguments', async () => {
    for (const [args, text] of [
      [['--port', 'x'], 'no whole number'],
      [['--set', 'jitter=7'], 'jitter is 0 or 0.2'],
      [['--faults', '{"a": 1}'], 'there is no fault a'],
    ] as const) {
      const ended = await start(...args).ended;
      expect(ended.code).toBe(2);
      expect(ended.stderr).toContain(text);
    }
  });
});
