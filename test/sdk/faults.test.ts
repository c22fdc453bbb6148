import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, apiOf } from '../acceptance/support/api.ts';
import { type RunningServer, startServer, stopServer } from '../acceptance/support/server.ts';
import { type Attempt, attempt, DRIVERS } from './faults/attempt.ts';
import { runLanes } from './faults/lanes.ts';
import { type Exchange, FAULT_KINDS, type Plan, randomPlan } from './faults/plan.ts';
import { prepareInterpreter, skipWithoutPython } from './faults/python.ts';
import { seedOfRun } from './faults/random.ts';
import { COMMANDS } from './faults/script.ts';

const CALLS = 1_000;
const FAULT_RATE = 0.2;
/** At that rate a call fails this often in a row about once in two million. */
const MAX_RETRIES = 8;

/** Answers that do not say what their call asked for. */
const wrongSaid = ({ lanes, outcomes }: Attempt): string[] =>
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
      'key.create': 'secret',
      'key.revoke': 'true',
    };
    const expected = right[step.op];
    return expected === undefined || said === expected ? [] : [`${step.op} ${step.n} said ${JSON.stringify(said)}`];
  });

describe('calls through a network that fails', () => {
  let server: RunningServer;
  let admin: Api;

  beforeAll(async () => {
    [server] = await Promise.all([startServer(), prepareInterpreter()]);
    admin = apiOf(server.url, server.key);
  });
  afterAll(() => stopServer(server));

  it.for(DRIVERS)('end once each, a thousand of them, and as they say: $language', async (driver, { skip }) => {
    skipWithoutPython(driver.language, skip);
    const seed = seedOfRun();
    const made = await attempt(admin, driver, {
      seed,
      calls: CALLS,
      lanes: 12,
      sessions: 9,
      prefix: driver.language,
      plan: randomPlan({ seed, rate: FAULT_RATE }),
      maxRetries: MAX_RETRIES,
    });
    console.log(made.summary);
    expect(made.outcomes.size).toBe(CALLS);
    expect(made.failed).toEqual([]);
    expect(made.found).toEqual({ doubles: [], lost: [], unknown: [], notOnce: [] });
    expect(wrongSaid(made)).toEqual([]);
    const { faults, unkeyed, early, broken } = made.tally;
    for (const kind of FAULT_KINDS) expect(faults.kinds[kind], kind).toBeGreaterThan(0);
    expect({ unkeyed, early, broken }).toEqual({ unkeyed: [], early: [], broken: [] });
  });

  it.for(DRIVERS)('that are not made again fail and say what to do: $language', async (driver, { skip }) => {
    skipWithoutPython(driver.language, skip);
    const seed = seedOfRun();
    const random = randomPlan({ seed, rate: 0.3 });
    // A command whose input can't be written is killed: how long one waits for it where that fails too is not asked here.
    const kills = ({ method, path }: Exchange): boolean => method === 'DELETE' && path.includes('/execs/');
    const plan: Plan = { next: (exchange) => (kills(exchange) ? { kind: 'none' } : random.next(exchange)) };
    const made = await attempt(admin, driver, {
      seed,
      calls: 200,
      lanes: 6,
      sessions: 4,
      prefix: `once-${driver.language}`,
      plan,
      maxRetries: 0,
    });
    console.log(made.summary);
    const errors = made.failed.flatMap(({ error }) => error ?? []);
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.filter(({ own, message, hint }) => !own || message === '' || hint === '')).toEqual([]);
    expect(made.found).toEqual({ doubles: [], lost: [], unknown: [], notOnce: [] });
    expect(wrongSaid(made)).toEqual([]);
  });

  it('would be seen to run twice if the client did not keep its keys, nor the ids of its commands', async () => {
    const seed = seedOfRun();
    const forgetful: typeof fetch = (url, init) => {
      const headers = new Headers(init?.headers);
      if (headers.has('Idempotency-Key')) headers.set('Idempotency-Key', randomUUID());
      // A command's own id keeps it from running twice, too.
      const body = typeof init?.body === 'string' ? init.body.replace(/"exec_id":"exe-\w+",?/, '') : init?.body;
      return fetch(url, {
        ...init,
        headers,
        body: typeof body === 'string' ? body.replace(/,}$/, '}') : (body ?? null),
      });
    };
    const { found } = await attempt(
      admin,
      { language: 'typescript', run: runLanes },
      {
        seed,
        calls: 120,
        lanes: 4,
        sessions: 4,
        prefix: 'forgetful',
        plan: randomPlan({ seed, rate: 0.3, kinds: ['lose-answer'] }),
        maxRetries: MAX_RETRIES,
        fetch: forgetful,
      },
    );
    expect(found.doubles.length).toBeGreaterThan(0);
    expect(found.notOnce.length).toBeGreaterThan(0);
  });
});
