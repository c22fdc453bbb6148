import { setTimeout as pause } from 'node:timers/promises';
import { type Random, randomFrom } from '../chaos/random.ts';
import { CLI_VERBS } from './cli-verbs.ts';
import { judge } from './judge.ts';
import { type Doing, type Outcome, perform } from './perform.ts';
import { type Client, CLIENTS, type Point, pointName, pointsOf } from './plan.ts';
import { prepareInterpreter } from '../sdk/faults/python.ts';
import { clearAway, type Remain, remainsOf } from './remains.ts';
import { Rig } from './rig.ts';
import { SDK_VERBS, type Traits } from './sdk-verbs.ts';

/** PIPE, TERM after 2 s, KILL 5 s after that; and some time to look. */
const END_LIMIT_MS = 14_000;
const LOOK_MS = 200;

export interface Options {
  readonly points: number;
  readonly seed: number;
  readonly clients?: readonly Client[];
  /** Points by name, instead of those that the seed chooses. */
  readonly only?: readonly Point[];
  readonly workers: number;
  readonly isolation: string;
  /** Ends the run after the points that are under way. */
  readonly stop?: AbortSignal;
  readonly progress?: (done: number, violations: readonly Violation[]) => void;
}

interface Violation {
  /** The point as `--only` takes it. */
  readonly point: string;
  readonly what: string;
}

export interface Report {
  readonly points: number;
  /** Runs without a fault, by which the moments of each verb are counted. */
  readonly controls: number;
  /** Points whose moment did not come. */
  readonly missed: number;
  /** What clients left that were killed, until its time to live. */
  readonly leftByKill: number;
  /** Moments of a verb without a fault, by `client verb`. */
  readonly steps: Readonly<Record<string, number>>;
  /** Points by `client action`. */
  readonly table: Readonly<Record<string, { points: number; violations: number }>>;
  readonly violations: readonly Violation[];
  readonly seconds: number;
}

const traitsOf = ({ client, verb }: Point): Traits => (client === 'cli' ? CLI_VERBS[verb] : SDK_VERBS[verb]) ?? {};

class Run {
  readonly steps = new Map<string, number>();
  readonly table: Record<string, { points: number; violations: number }> = {};
  readonly violations: Violation[] = [];
  points = 0;
  controls = 0;
  missed = 0;
  leftByKill = 0;
  #marks = 0;
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  mark(): string {
    return `fz${this.#seed.toString(36)}${(this.#marks++).toString(36).padStart(3, '0')}x`;
  }

  violation(point: Point, doing: Doing, what: string): void {
    this.violations.push({ point: pointName(point).replace(point.action, doing), what });
  }
}

/** What of this is neither held on purpose nor prepared by the fuzzer itself. */
const unheld = (remains: readonly Remain[], outcome: Outcome, traits: Traits, prepared: string): readonly Remain[] => {
  const isHeld = ({ kind, id }: Remain): boolean =>
    id === prepared ||
    (traits.holds === kind && (outcome.answered || outcome.held.some((one) => one.kind === kind && one.id === id))) ||
    (traits.holds === 'workspace' && kind === 'workspace' && outcome.held.length > 0) ||
    (traits.holds === 'key' && kind === 'key' && outcome.held.length > 0);
  const rest = remains.filter((one) => !isHeld(one));
  // The processes of a command that may run.
  const mayRun = remains.some((one) => one.kind === 'exec' && isHeld(one));
  return mayRun ? rest.filter(({ kind }) => kind !== 'process') : rest;
};

const attempt = async (run: Run, rig: Rig, point: Point, doing: Doing): Promise<Outcome> => {
  const traits = traitsOf(point);
  const mark = run.mark();
  const session = await rig.session();
  const prepared = await rig.prepare(traits, session, mark);
  const scene = { mark, session, prepared, folder: rig.folder };
  const outcome = await perform(rig, point, doing, scene);
  const found = [...(await judge(point, doing, outcome, { ...scene, seconds: 0 }, rig.api))];

  const look = () => remainsOf(rig.api, session, mark, traits);
  const end = performance.now() + END_LIMIT_MS;
  let remains = await look();
  while (doing !== 'kill' && unheld(remains, outcome, traits, prepared).length > 0 && performance.now() < end) {
    await pause(LOOK_MS);
    remains = await look();
  }
  const left = unheld(remains, outcome, traits, prepared);
  if (doing === 'kill') run.leftByKill += left.filter(({ kind }) => kind !== 'process').length;
  else if (left.length > 0) found.push(`left: ${left.map(({ kind, id }) => `${kind} ${id}`).join(', ')}`);
  await clearAway(rig.api, remains);
  if (traits.needs === 'session') await rig.api.call('POST', `/v1/sessions/${prepared}/force-delete`);
  if (!(await rig.keeperIsSame())) found.push('the keeper is not the same');
  for (const what of found) run.violation(point, doing, what);
  if (doing !== 'none' && outcome.fired) {
    run.points++;
    const cell = `${point.client} ${doing}`;
    run.table[cell] ??= { points: 0, violations: 0 };
    run.table[cell].points++;
    if (found.length > 0) run.table[cell].violations++;
  }
  return outcome;
};

/** How many moments a verb has, by a run without a fault. */
const stepsOf = async (run: Run, rig: Rig, point: Point): Promise<number> => {
  const verb = `${point.client} ${point.verb}`;
  let known = run.steps.get(verb);
  if (known === undefined) {
    known = (await attempt(run, rig, { ...point, step: 0, delayMs: 0 }, 'none')).steps;
    run.controls++;
    run.steps.set(verb, Math.max(1, known));
  }
  return Math.max(1, known);
};

const work = async (run: Run, left: Point[], random: Random, options: Options, number: number): Promise<void> => {
  const rig = await Rig.start(options.isolation);
  try {
    for (let point = left.shift(); point !== undefined; point = left.shift()) {
      let chosen = point;
      try {
        if (point.step === 0) {
          const most = await stepsOf(run, rig, point);
          chosen = { ...point, step: random.whole(1, most) };
        }
        const { fired, steps } = await attempt(run, rig, chosen, chosen.action);
        if (!fired) {
          run.missed++;
          // Fewer moments than in the run without a fault: connections were open already.
          if (point.step === 0 && steps > 0) {
            chosen = { ...chosen, step: random.whole(1, Math.max(1, steps - 2)), delayMs: 0 };
            await attempt(run, rig, chosen, chosen.action);
          }
        }
      } catch (error) {
        run.violation(chosen, chosen.action, `the fuzzer failed: ${(error as Error).stack ?? String(error)}`);
      }
      options.progress?.(run.points, run.violations);
      if (options.stop?.aborted) left.length = 0;
    }
  } finally {
    const rest = await rig.stop();
    for (const what of rest) run.violations.push({ point: `worker ${number}, at the end`, what });
    const wrong = rig.printed.join('\n').match(/^.*(unhandled|uncaught|internal error|"level":(50|60)).*$/gim) ?? [];
    for (const line of wrong.slice(0, 5)) {
      run.violations.push({ point: `worker ${number}`, what: `a server printed ${line.slice(0, 300)}` });
    }
  }
};

/** Faults at moments of every verb of every client; what does not hold is in the report. */
export const runFuzz = async (options: Options): Promise<Report> => {
  const begun = performance.now();
  const random = randomFrom(options.seed);
  const run = new Run(options.seed);
  const left = [...(options.only ?? pointsOf(options.points, random, options.clients ?? CLIENTS))];
  await prepareInterpreter();
  const workers = Array.from({ length: Math.min(options.workers, left.length) }, (_, number) =>
    work(run, left, random.fork(), options, number),
  );
  await Promise.all(workers);
  const { points, controls, missed, leftByKill, table, violations } = run;
  const seconds = Math.round((performance.now() - begun) / 1000);
  const steps = Object.fromEntries(run.steps);
  return { points, controls, missed, leftByKill, steps, table, violations, seconds };
};
