import { type Api, ok } from '../../acceptance/support/api.ts';
import { type Caller, runLanes } from './lanes.ts';
import type { Outcome } from './outcome.ts';
import type { Plan } from './plan.ts';
import { startFaultProxy } from './proxy.ts';
import { askPython } from './python.ts';
import { type Lane, makeScript, type ScriptOptions } from './script.ts';
import type { Tally } from './tally.ts';
import { type Findings, verify } from './verify.ts';

/** What makes the calls of a script in one language. */
export interface Driver {
  readonly language: string;
  run(caller: Caller, lanes: readonly Lane[]): Promise<Outcome[]>;
}

export const DRIVERS: readonly Driver[] = [
  { language: 'typescript', run: runLanes },
  { language: 'python', run: (caller, lanes) => askPython('lanes.py', { ...caller, lanes }) },
];

export interface AttemptOptions extends ScriptOptions {
  readonly plan: Plan;
  readonly maxRetries: number;
  readonly fetch?: typeof fetch;
}

export interface Attempt {
  readonly lanes: readonly Lane[];
  readonly outcomes: ReadonlyMap<number, Outcome>;
  /** Those that did not succeed. */
  readonly failed: readonly Outcome[];
  readonly tally: Tally;
  readonly found: Findings;
  /** All of it in a line. */
  readonly summary: string;
}

/** Makes the calls of a script through a proxy, and asks the server itself what became of them. */
export const attempt = async (admin: Api, driver: Driver, options: AttemptOptions): Promise<Attempt> => {
  const { prefix, plan, seed, maxRetries, fetch } = options;
  const user = `faults-${prefix}`;
  ok(await admin.put(`/v1/users/${user}`, { user_type: 'admin' }));
  const lanes = makeScript(options);
  const proxy = await startFaultProxy(admin.url, plan);
  const began = performance.now();
  const caller = { baseUrl: proxy.url, apiKey: admin.key ?? '', maxRetries, user, ...(fetch ? { fetch } : {}) };
  const list = await driver.run(caller, lanes).finally(() => proxy.stop());
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const outcomes = new Map(list.map((outcome) => [outcome.n, outcome]));
  const found = await verify(admin, { lanes, outcomes, prefix, user });
  const failed = list.filter((outcome) => !outcome.ok);
  const { requests, repeats, faults } = proxy.tally;
  const summary =
    `${prefix}, ONMEMOS_TEST_SEED=${seed}: ${list.length} calls in ${seconds} s, ${failed.length} failed; ` +
    `${requests} requests, ${repeats} of them POSTs made again under their key; ` +
    `${faults.all} faults ${JSON.stringify(faults.kinds)}; ` +
    `${found.doubles.length} doubles, ${found.lost.length} lost, ${found.unknown.length} unknown, ` +
    `${found.notOnce.length} commands that did not run once`;
  return { lanes, outcomes, failed, tally: proxy.tally, found, summary };
};
