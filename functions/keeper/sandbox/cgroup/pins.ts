import { join } from 'node:path';
import type { Clock, Timer } from '#ports/clock.ts';
import { readText } from '../process/proc.ts';
import { type CpuTime, loadMeter } from './processor-load.ts';
import { evened, leastHeld, type Move, processorsIn, relieved } from './processors.ts';
import { tryWrite } from './write.ts';

/**
 * Binds the sessions of a keeper to processors, so that a program in one counts as many as it may use. What can't be
 * bound keeps the processors that it has: nothing here ever fails.
 */
export interface Pins {
  /** Gives a session its processors; all where it is as large as the machine. */
  pin(session: PinnedSession, cpu_millis: number): void;
  /** The processors of this session are free again. */
  release(dir: string): void;
  close(): void;
}

interface PinnedSession {
  /** Its group. */
  readonly dir: string;
  /** What lies below that and has processors of its own, and itself, each before the group that holds it. */
  readonly groups: () => readonly string[];
  readonly cpuTime: CpuTime;
}

interface PinsOptions {
  readonly version: 1 | 2;
  /** The keeper's group, above those of its sessions. */
  readonly parent: string;
  readonly clock: Clock;
  /** What /proc/stat says. */
  readonly stat?: () => string;
}

/** Between two looks whether a session waits for its processors while others idle. */
const LOOK_MS = 1000;

export function openPins({ version, parent, clock, stat = () => readText('/proc/stat') }: PinsOptions): Pins {
  const sessions = new Map<string, PinnedSession>();
  const held = new Map<string, readonly number[]>();
  let timer: Timer | null = null;
  let measure = loadMeter();
  /** Read at each look, as a create has no time for it. */
  let allowed: readonly number[] = [];

  const forget = (dir: string) => {
    sessions.delete(dir);
    return held.delete(dir);
  };
  const apply = ({ name, processors }: Move) => {
    const session = sessions.get(name);
    if (!session) return;
    if (write(version, session.groups(), processors, held.has(name))) held.set(name, processors);
    else forget(name);
  };
  const look = () => {
    const cpuTimes = new Map([...sessions].map(([name, { cpuTime }]) => [name, cpuTime]));
    allowed = allowedBelow(version, parent);
    const load = measure({ at: clock.monotonic(), stat: stat(), allowed, sessions: cpuTimes });
    for (const move of load ? relieved(held, load) : []) apply(move);
  };
  const lookOn = () => {
    timer = clock.timer(LOOK_MS, () => {
      timer = null;
      unlessRefused(look);
      if (held.size > 0) lookOn();
      else measure = loadMeter();
    });
  };
  return {
    pin: (session, cpu_millis) =>
      unlessRefused(() => {
        if (timer === null) allowed = allowedBelow(version, parent);
        const processors = leastHeld(inTurn(allowed), held, Math.ceil(cpu_millis / 1000));
        if (processors === null) return;
        sessions.set(session.dir, session);
        apply({ name: session.dir, processors });
        if (timer === null) lookOn();
      }),
    release: (dir) =>
      unlessRefused(() => {
        if (!forget(dir)) return;
        for (const move of evened(allowed, held)) apply(move);
      }),
    close: () => timer?.cancel(),
  };
}

/** Keepers beside each other do not all begin at the same processor. */
function inTurn(allowed: readonly number[]): readonly number[] {
  const first = process.pid % Math.max(1, allowed.length);
  return [...allowed.slice(first), ...allowed.slice(0, first)];
}

/** The processors of the keeper's group that the keeper may use itself. */
function allowedBelow(version: 1 | 2, parent: string): readonly number[] {
  const file = version === 2 ? 'cpuset.cpus.effective' : 'cpuset.effective_cpus';
  const own = new Set(processorsIn(/^Cpus_allowed_list:(.*)$/m.exec(readText('/proc/self/status'))?.[1] ?? ''));
  return processorsIn(readText(join(parent, file))).filter((processor) => own.has(processor));
}

/**
 * In version 1 no group may have a processor that the group above it lacks, so one that moves has all of them for an
 * instant. In version 2 those below follow. @returns false where the kernel refuses it; the session then has all
 */
function write(version: 1 | 2, groups: readonly string[], processors: readonly number[], bound: boolean): boolean {
  const own = groups.at(-1);
  if (own === undefined) return false;
  const file = (dir: string) => join(dir, 'cpuset.cpus');
  const list = `${processors.join(',')}\n`;
  if (version === 2) return tryWrite(file(own), list);
  const widen = () => {
    const all = readText(join(own, '..', 'cpuset.cpus'));
    for (const dir of groups.toReversed()) tryWrite(file(dir), all);
  };
  if (bound) widen();
  if (groups.every((dir) => tryWrite(file(dir), list))) return true;
  widen();
  return false;
}

/** For want of descriptors a file may not be read now. */
function unlessRefused(act: () => void): void {
  try {
    act();
  } catch {
    // The sessions keep what they have.
  }
}
