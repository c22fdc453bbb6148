import { type Listener, type ProcessLike, processOf, unref } from '../transport/platform.ts';

/** Ends something that this program holds at the server. It may be called again, and then does nothing more. */
export type End = () => Promise<unknown>;

/** The signals that tell a program to end, and their numbers. */
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
type Signal = keyof typeof SIGNALS;
const NAMES = Object.keys(SIGNALS) as readonly Signal[];

/** How long the program lives on after a signal, at most: the server may be away. */
const LONGEST_END_MS = 10_000;

/** Marks the listeners of this SDK, of which a program may have loaded several copies. */
const OURS = Symbol.for('onmemos.signals');

const held = new Set<End>();
let listening: ProcessLike | null = null;
let ending = false;

/**
 * From now on a signal that ends the program calls `end` first. Browsers have no signals.
 * @returns what lets go of it
 */
export const hold = (end: End): (() => void) => {
  held.add(end);
  listen();
  return () => {
    held.delete(end);
    if (held.size === 0) stopLater();
  };
};

/**
 * Ends what this program holds: sessions of open blocks, commands that are waited for, and what is being created. For a
 * signal handler of your own. It never rejects.
 */
export const endHeld = async (): Promise<void> => {
  await Promise.allSettled([...held].map((end) => end()));
};

/** Never returns once a signal ends the program, whose own code would only meet what has been ended under it. */
export const pauseForEnd = async (): Promise<void> => {
  if (ending) await new Promise<never>(() => undefined);
};

const listeners = new Map<Signal, Listener>();
for (const name of NAMES) {
  const listener = (): void => onSignal(name);
  listeners.set(name, Object.assign(listener, { [OURS]: true }));
}

const listen = (): void => {
  if (listening !== null) return;
  const process = processOf();
  if (process?.prependListener === undefined) return;
  listening = process;
  try {
    // First in line, so that it can step aside for the program's own.
    for (const [name, listener] of listeners) process.prependListener(name, listener);
  } catch {
    // A platform without one of these signals.
  }
};

/**
 * How long the listeners stay once nothing is held. A signal is given to them when the event loop next looks for signals,
 * and is lost when they were removed before that look. The platform can't close this gap of some microseconds, but a
 * signal often comes just as a call ends, and seldom so much later.
 */
const QUIET_MS = 1000;

let idleSince = 0;
let waiting = false;

const stopLater = (): void => {
  idleSince = performance.now();
  if (!waiting) stopAfter(QUIET_MS);
};

const stopAfter = (ms: number): void => {
  waiting = true;
  const timer = setTimeout(() => {
    waiting = false;
    if (held.size > 0 || ending) return;
    const left = idleSince + QUIET_MS - performance.now();
    if (left > 0) stopAfter(left);
    else stepAside();
  }, ms);
  // A program that has nothing more to do ends at once.
  unref(timer);
};

const stepAside = (): void => {
  for (const [name, listener] of listeners) listening?.off?.(name, listener);
  listening = null;
};

const onSignal = (name: Signal): void => {
  if (ending) return;
  if (hasOwnListeners(name)) {
    // The program decides: its blocks end their sessions when they are left. Listeners that look whether they are the
    // only ones are not to see ours.
    stepAside();
    setTimeout(() => held.size > 0 && listen(), 0);
    return;
  }
  ending = true;
  const limit = setTimeout(() => die(name), LONGEST_END_MS);
  void endHeld().then(() => {
    clearTimeout(limit);
    die(name);
  });
};

/** The package `signal-exit` has listeners that wait for the last of all others, and counts them here. */
const countedBySignalExit = (): number => {
  const emitter = (globalThis as { readonly [key: symbol]: unknown })[Symbol.for('signal-exit emitter')];
  const count = (emitter as { readonly count?: unknown } | undefined)?.count;
  return typeof count === 'number' ? count : 0;
};

const hasOwnListeners = (name: Signal): boolean => {
  const others = (listening?.listeners?.(name) ?? []).filter((each) => !(OURS in each));
  return others.length > countedBySignalExit();
};

/** Ends the program as the signal would have done without this SDK. */
const die = (name: Signal): void => {
  const process = listening;
  stepAside();
  try {
    if (process?.pid === undefined || process.kill === undefined) throw new Error('no signals can be sent');
    process.kill(process.pid, name);
  } catch {
    // A platform that may be kept from sending signals, as Deno.
    process?.exit?.(128 + SIGNALS[name]);
  }
};
