import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, apiOf, ok } from '../acceptance/support/api.ts';
import { type RunningServer, startServer, stopServer } from '../acceptance/support/server.ts';
import { type Caller, runLanes } from './faults/lanes.ts';
import type { Outcome } from './faults/outcome.ts';
import { randomPlan } from './faults/plan.ts';
import { type FaultProxy, startFaultProxy } from './faults/proxy.ts';
import { askPython, interpreter } from './faults/python.ts';
import { seedOfRun } from './faults/random.ts';
import { COMMANDS, type Lane, makeScript } from './faults/script.ts';
import { verify } from './faults/verify.ts';

const CALLS = 1_000;
const LANES = 12;
const SESSIONS = 9;
const FAULT_RATE = 0.2;
/** At that rate a call fails this often in a row about once in two million. */
const MAX_RETRIES = 8;

interface Driver {
  readonly language: string;
  run(caller: Caller, lanes: readonly Lane[]): Promise<Outcome[]>;
}

const DRIVERS: readonly Driver[] = [
  { language: 'typescript', run: runLanes },
  { language: 'python', run: (caller, lanes) => askPython('lanes.py', { ...caller, lanes }) },
];

/** What each call must have said, by its own step. */
const wrongSaid = (lanes: readonly Lane[], outcomes: ReadonlyMap<number, Outcome>): string[] =>
  lanes.flat().flatMap((step) => {
    const outcome = outcomes.get(step.n);
    if (!outcome?.ok) return [];
    const { said } = outcome;
    const right: Readonly<Record<string, string | undefined>> = {
      ...Object.fromEntries(COMMANDS.map((op) => [op, `${step.n}\n`])),
      'session.create': 'running',
      'session.get': 'running',
      'session.update': String(step.n),
      'session.delete': 'terminated',
      'session.estimate': 'USD',
      'key.revoke': 'true',
    };
    const expected = right[step.op];
    return expected === undefined || said === expected ? [] : [`${step.op} ${step.n} said ${JSON.stringify(said)}`];
  });

describe('a thousand calls through a network that fails', () => {
  let server: RunningServer;
  let admin: Api;
  let proxy: FaultProxy;

  beforeAll(async () => {
    [server] = await Promise.all([startServer(), interpreter()]);
    admin = apiOf(server.url, server.key);
  });
  afterAll(() => stopServer(server));

  it.each(DRIVERS)('end once each, and as they say: $language', async ({ language, run }) => {
    const seed = seedOfRun();
    const user = `faults-${language}`;
    ok(await admin.put(`/v1/users/${user}`, { user_type: 'admin' }));
    const lanes = makeScript({ seed, calls: CALLS, lanes: LANES, sessions: SESSIONS, prefix: language });
    proxy = await startFaultProxy(server.url, randomPlan({ seed, rate: FAULT_RATE }));
    const began = performance.now();
    const list = await run({ baseUrl: proxy.url, apiKey: server.key, maxRetries: MAX_RETRIES, user }, lanes);
    const seconds = (performance.now() - began) / 1000;
    await proxy.stop();

    const outcomes = new Map(list.map((outcome) => [outcome.n, outcome]));
    const found = await verify(admin, { lanes, outcomes, prefix: language, user });
    const failed = list.filter(({ ok: succeeded }) => !succeeded);
    const { tally } = proxy;
    console.log(
      `${language}, ONMEMOS_TEST_SEED=${seed}: ${list.length} calls in ${seconds.toFixed(1)} s, ${failed.length} failed; ` +
        `${tally.requests} requests, ${tally.requests - list.length} beyond one a call, ${tally.repeats} of them POSTs ` +
        `under their own key; ${tally.faults.all} faults ${JSON.stringify(tally.faults.kinds)}; ` +
        `${found.doubles.length} doubles, ${found.lost.length} lost, ${found.unknown.length} unknown, ` +
        `${found.notOnce.length} commands that did not run once`,
    );
    expect(list).toHaveLength(CALLS);
    expect(failed).toEqual([]);
    expect(found).toEqual({ doubles: [], lost: [], unknown: [], notOnce: [] });
    expect(wrongSaid(lanes, outcomes)).toEqual([]);
    expect(tally.faults.all).toBeGreaterThan(CALLS * FAULT_RATE * 0.5);
    expect(tally.unkeyed).toEqual([]);
    expect(tally.broken).toEqual([]);
  });

  it('would see a client that does not keep its keys', async () => {
    const seed = seedOfRun();
    const [prefix, user] = ['forgetful', 'faults-forgetful'];
    ok(await admin.put(`/v1/users/${user}`, { user_type: 'admin' }));
    const lanes = makeScript({ seed, calls: 120, lanes: 4, sessions: 4, prefix });
    const through = await startFaultProxy(server.url, randomPlan({ seed, rate: 0.3, kinds: ['lose-answer'] }));
    const forgetful: typeof fetch = (url, init) => {
      const headers = new Headers(init?.headers);
      if (headers.has('Idempotency-Key')) headers.set('Idempotency-Key', randomUUID());
      return fetch(url, { ...init, headers });
    };
    const caller = { baseUrl: through.url, apiKey: server.key, maxRetries: MAX_RETRIES, user, fetch: forgetful };
    const list = await runLanes(caller, lanes);
    await through.stop();
    const outcomes = new Map(list.map((outcome) => [outcome.n, outcome]));
    const found = await verify(admin, { lanes, outcomes, prefix, user });
    expect(found.doubles.length).toBeGreaterThan(0);
    expect(found.lost.length).toBeGreaterThan(0);
    expect(found.notOnce.length).toBeGreaterThan(0);
  });
});
