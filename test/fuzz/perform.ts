import { setTimeout as pause } from 'node:timers/promises';
import { CLI_VERBS, type Scene } from './cli-verbs.ts';
import { launch } from '../sdk/cli/support/cli.ts';
import type { DriverEvent, Exit } from './driver-program.ts';
import { type Action, givesUp, type Point, SIGNALS } from './plan.ts';
import type { Moment } from './proxy.ts';
import type { Held } from './remains.ts';
import type { Rig } from './rig.ts';
import { lines, SDK_VERBS } from './sdk-verbs.ts';

/** What a client did at a point. */
export interface Outcome {
  readonly fired: boolean;
  /** Moments of the whole conversation. */
  readonly steps: number;
  /** Whether it neither ended nor went on. */
  readonly hangs: boolean;
  /** How its program ended; null where it goes on. */
  readonly exit: Exit | null;
  /** What a driver said last. */
  readonly event: DriverEvent | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly held: readonly Held[];
  /** The answer had come whole before the fault, and nothing was asked after it. */
  readonly answered: boolean;
  readonly internal: number;
}

/** `none` is a run without a fault. */
export type Doing = Action | 'none';

/** Longer than any verb takes, and what no client may take once its server is back. */
const LONGEST_MS = 30_000;
/** While nothing moves for so long, the fault comes. */
const QUIET_MS = 1200;
/** How long a command runs that its caller gives up, and one that it waits for. */
const GIVEN_UP_SECONDS = 40;
const WAITED_SECONDS = 0.4;
/** Between two signals: that of a person who presses Ctrl-C again. */
const TWICE_MS = 120;

interface Program {
  kill(signal: NodeJS.Signals): void;
  cancel(): void;
  closeStdin(): void;
  closeStdout(): void;
  /** How the verb ended: by the program's end, or because it says so. */
  readonly finished: Promise<unknown>;
  readonly exit: Promise<Exit>;
  readonly hasEnded: () => boolean;
  readonly event: () => DriverEvent | null;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly held: () => readonly Held[];
}

const cliProgram = (rig: Rig, verb: string, scene: Scene, doing: Doing): Program => {
  const { args, input, holds } = CLI_VERBS[verb] as (typeof CLI_VERBS)[string];
  const text = input?.(scene.mark);
  const open = doing === 'stdin';
  const { child, stdout, stderr, ended } = launch(args(scene), { env: rig.home.env, input: open ? 'open' : text });
  if (open && text !== undefined) child.stdin?.write(text);
  return {
    kill: (signal) => child.kill(signal),
    cancel: () => undefined,
    closeStdin: () => child.stdin?.end(),
    closeStdout: () => child.stdout?.destroy(),
    finished: ended,
    exit: ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    event: () => null,
    stdout,
    stderr,
    // What a person reads is what is held.
    held: () => (holds !== undefined && stdout().trim() !== '' ? [{ kind: holds, id: stdout().trim() }] : []),
  };
};

let asked = 0;

const sdkProgram = async (rig: Rig, { client, verb }: Point, scene: Scene): Promise<Program> => {
  if (client === 'cli') throw new Error('the command line is no driver');
  const driver = await rig.driver(client);
  const { command, needs } = SDK_VERBS[verb] as (typeof SDK_VERBS)[string];
  const id = ++asked;
  const held: Held[] = [];
  let last: DriverEvent | null = null;
  const done = new Promise<void>((resolve) => {
    driver.listen((event) => {
      if (event.event === 'held') held.push({ kind: event.kind ?? '', id: String(event.id) });
      else if (event.id === id) {
        last = event;
        resolve();
      }
    });
  });
  const { mark, session, prepared, seconds } = scene;
  const line = { id, verb, mark, session, prepared, command: command?.(mark, seconds) ?? '', text: lines(mark) };
  driver.tell(JSON.stringify({ ...line, needs }));
  return {
    kill: (signal) => driver.child.kill(signal),
    cancel: () => driver.tell('cancel'),
    closeStdin: () => undefined,
    closeStdout: () => undefined,
    finished: Promise.race([done, driver.ended]),
    exit: driver.ended,
    hasEnded: () => driver.hasEnded,
    event: () => last,
    stdout: () => '',
    stderr: driver.errors,
    held: () => held,
  };
};

/** Lets a client do a verb, does something to it at the point's moment, and waits for its end. */
export const perform = async (
  rig: Rig,
  point: Point,
  doing: Doing,
  scene: Omit<Scene, 'seconds'>,
): Promise<Outcome> => {
  const seconds = doing !== 'none' && givesUp(doing) ? GIVEN_UP_SECONDS : WAITED_SECONDS;
  const { proxy } = rig;
  let [fired, answered] = [false, false];
  let firing: Promise<unknown> = Promise.resolve();
  let stepAtFire = 0;
  let program: Program | null = null;
  let cutLast = (_reset: boolean): void => undefined;

  const fire = async (): Promise<void> => {
    if (program === null || doing === 'none') return;
    stepAtFire = proxy.steps;
    if (doing === 'cut-fin' || doing === 'cut-rst') cutLast(doing === 'cut-rst');
    else if (doing === 'slow') proxy.slowDown(60);
    else if (doing === 'cancel') program.cancel();
    else if (doing === 'stdin') program.closeStdin();
    else if (doing === 'stdout') program.closeStdout();
    else if (doing === 'restart-kill') await rig.restart('SIGKILL', 500);
    else if (doing === 'restart-term') await rig.restart('SIGTERM', 500);
    else {
      program.kill(SIGNALS[doing]);
      if (doing !== 'int-twice') return;
      await pause(TWICE_MS);
      program.kill('SIGINT');
    }
  };
  const fireOnce = (): void => {
    if (fired || program === null) return;
    fired = true;
    firing = point.delayMs > 0 ? pause(point.delayMs).then(fire) : fire();
  };
  proxy.arm((_moment: Moment, step, cut) => {
    cutLast = cut;
    if (doing !== 'none' && step >= point.step) fireOnce();
  });

  const whole = { ...scene, seconds };
  program = point.client === 'cli' ? cliProgram(rig, point.verb, whole, doing) : await sdkProgram(rig, point, whole);
  const begun = performance.now();
  const { finished, exit } = program;
  const dies = doing in SIGNALS && point.client !== 'cli';
  let over = false;
  void finished
    .then(() => firing)
    // A driver that was told to end does so.
    .then(() => (dies && fired ? exit : null))
    .then(() => {
      over = true;
    });
  let hangs = false;
  while (!over && !hangs) {
    await pause(20);
    const now = performance.now();
    if (doing !== 'none' && proxy.steps > 0 && now - proxy.lastAt > QUIET_MS) fireOnce();
    const away = firing;
    let settled = false;
    void away.then(() => {
      settled = true;
    });
    await Promise.resolve();
    hangs = settled && now - Math.max(begun, proxy.lastAt, rig.backAt) > LONGEST_MS;
  }
  await firing;
  answered = fired && proxy.last === 'answered' && proxy.steps <= Math.max(stepAtFire, 1);
  const outcome: Outcome = {
    fired,
    steps: proxy.steps,
    hangs,
    exit: program.hasEnded() ? await exit : null,
    event: program.event(),
    stdout: program.stdout(),
    stderr: program.stderr(),
    held: program.held(),
    answered,
    internal: proxy.internal,
  };
  proxy.arm(() => undefined);
  if (hangs) {
    program.kill('SIGKILL');
    await exit;
  }
  return outcome;
};
