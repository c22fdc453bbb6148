import type { Clock } from '#ports/clock.ts';
import type { Ids } from '#ports/ids.ts';
import type { Random } from '../kernel/random.ts';
import type { Timeline } from '../kernel/timeline.ts';
import type { Trace } from '../kernel/trace.ts';
import type { Chaos } from './chaos.ts';

/** The state that all processes of a schedule share. */
export interface Universe {
  readonly random: Random;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly chaos: Chaos;
}

/** The largest error of a process's clock when it starts, and after it was set. */
export const MOST_SKEW_MS = 30_000;
export const MOST_ERROR_MS = 150_000;

/** When a call fails: its effect does not happen, may happen later, or has happened. */
export type Failed = 'before' | 'during' | 'after';

/** How a call of a port fails. */
export interface CallFaults {
  readonly rate: number;
  readonly error: (failed: Failed) => Error;
  /** The call has failed, but its effect may happen up to this much later, like that of a request still on its way. */
  readonly lingering_ms?: number;
}

const PROMPT = ['before', 'after'] as const;
const LINGERING = ['before', 'during', 'after'] as const;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * One life of one process: its skewed clock, which is set forward and back, and its calls of ports. After a crash it gets no more answers, but requests
 * that it sent may still arrive.
 */
export class Process {
  readonly name: string;
  readonly #universe: Universe;
  #skew: number;
  readonly #born: number;
  readonly #deaths: (() => void)[] = [];
  readonly #stalls: (() => void)[] = [];
  #stalled = 0;
  #counter = 0;
  alive = true;
  readonly clock: Clock;
  readonly ids: Ids;

  constructor(universe: Universe, name: string, skew: number) {
    this.#universe = universe;
    this.name = name;
    this.#skew = skew;
    this.#born = universe.timeline.now;
    this.clock = {
      now: () => universe.timeline.now + this.#skew,
      monotonic: () => universe.timeline.now - this.#born,
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          const cancel = this.#timer(ms, resolve);
          signal?.addEventListener('abort', () => {
            cancel();
            reject(signal.reason);
          });
        }),
      timer: (ms, run) => ({ cancel: this.#timer(ms, run) }),
    };
    this.ids = {
      next: (prefix) => `${prefix}-${this.#sortable()}`,
      random: (bytes) => Uint8Array.from({ length: bytes }, () => universe.random.whole(0, 255)),
      fraction: () => universe.random.fraction(),
    };
  }

  /** Calls `told` when the process crashes. */
  onDeath(told: () => void): void {
    this.#deaths.push(told);
  }

  /** Calls `told` when the process begins to stall. */
  onStall(told: () => void): void {
    this.#stalls.push(told);
  }

  /** Whether it does nothing now: it is dead, or it stalls. */
  get halted(): boolean {
    return !this.alive || this.#stalled > this.#universe.timeline.now;
  }

  crash(why: string): void {
    if (!this.alive) return;
    this.alive = false;
    this.#universe.trace.add(this.#universe.timeline.now, this.name, 'CRASH', why);
    for (const told of this.#deaths) told();
  }

  /**
   * Stops the process while time continues elsewhere, as a moved virtual machine, a garbage collection or a closed
   * laptop does.
   */
  stall(ms: number): void {
    this.#stalled = Math.max(this.#stalled, this.#universe.timeline.now + ms);
    this.#universe.chaos.standstill = Math.max(this.#universe.chaos.standstill, this.#stalled);
    this.#universe.trace.add(this.#universe.timeline.now, this.name, 'STALL', `${ms} ms`);
    for (const told of this.#stalls) told();
  }

  /** Sets the wall clock of the process, forward or back. Its timers and its monotonic clock don't notice it. */
  setClock(error_ms: number): void {
    this.#universe.trace.add(this.#universe.timeline.now, this.name, 'CLOCK', `${error_ms - this.#skew} ms`);
    this.#universe.chaos.steps += 1;
    this.#skew = error_ms;
  }

  /**
   * A call to something outside the process. Other processes run before or after its effect. The call may fail before,
   * during or after the effect, and the process may crash while it waits.
   */
  async reach<R>(label: string, effect: () => R | Promise<R>, faults: CallFaults): Promise<R> {
    const { random, timeline, trace, chaos } = this.#universe;
    if (!this.alive) return new Promise(() => {});
    const kinds = faults.lingering_ms === undefined ? PROMPT : LINGERING;
    const fault = !chaos.calm && random.chance(faults.rate) ? random.pick(kinds) : null;
    const shape = random.fraction();
    const there = shape < 0.6 ? this.#latency() : 0;
    const back = shape >= 0.5 ? this.#latency() : 0;

    return new Promise<R>((resolve, reject) => {
      const answer = (settle: () => void): void => {
        if (back === 0 && there > 0) this.#deliver(settle);
        else timeline.after(back, () => this.#deliver(settle));
      };
      const fail = (failed: Failed): void => {
        trace.add(timeline.now, this.name, `${label} fails ${failed}`);
        answer(() => reject(faults.error(failed)));
      };
      const arrive = (): void => {
        // The process has crashed meanwhile: its request may or may not have been sent.
        if (!this.alive && random.chance(0.5)) return;
        if (fault === 'before') {
          fail(fault);
          return;
        }
        if (fault === 'during') {
          timeline.after(random.whole(50, faults.lingering_ms ?? 0), () => {
            trace.add(timeline.now, this.name, `${label} takes effect late`);
            this.#apply(effect).catch(() => {});
          });
          fail(fault);
          return;
        }
        trace.add(timeline.now, this.name, label);
        this.#apply(effect).then(
          (value) => (fault === 'after' ? fail(fault) : answer(() => resolve(value))),
          (error: unknown) => (fault === 'after' ? fail(fault) : answer(() => reject(error))),
        );
      };
      if (there > 0) timeline.after(there, arrive);
      else arrive();
    });
  }

  async #apply<R>(effect: () => R | Promise<R>): Promise<R> {
    return effect();
  }

  #latency(): number {
    const { random, chaos } = this.#universe;
    const kind = random.fraction();
    if (kind < 0.85 || chaos.calm) return random.whole(1, 8);
    return kind < 0.985 ? random.whole(8, 200) : random.whole(200, 3_000);
  }

  /** Delivers the answer to the process, unless it crashes or stalls at that moment. */
  #deliver(settle: () => void): void {
    if (!this.alive) return;
    const { random, timeline, chaos } = this.#universe;
    if (!chaos.calm) {
      if (random.chance(chaos.crash)) {
        this.crash('while it waited for an answer');
        return;
      }
      if (random.chance(chaos.step)) this.setClock(random.whole(-MOST_ERROR_MS, MOST_ERROR_MS));
      if (random.chance(chaos.stall)) this.stall(random.whole(1_000, random.pick([5_000, 30_000, 90_000])));
    }
    if (this.#stalled > timeline.now) {
      timeline.after(this.#stalled - timeline.now + random.whole(0, 3), () => this.alive && settle());
      return;
    }
    settle();
  }

  #timer(ms: number, run: () => void): () => void {
    const { timeline } = this.#universe;
    let cancelled = false;
    const ring = (): void => {
      if (cancelled || !this.alive) return;
      if (this.#stalled > timeline.now) timeline.after(this.#stalled - timeline.now, ring);
      else run();
    };
    timeline.after(ms, ring);
    return () => {
      cancelled = true;
    };
  }

  /** Sortable by the time of creation on this process's clock, like the real ids. */
  #sortable(): string {
    let ms = this.clock.now();
    let text = '';
    for (let i = 0; i < 10; i++) {
      text = (ALPHABET[ms % 32] ?? '') + text;
      ms = Math.floor(ms / 32);
    }
    const count = String(++this.#counter).padStart(6, '0');
    for (let i = 0; i < 10; i++) {
      if (i === 0) text += count;
      text += ALPHABET[this.#universe.random.whole(0, 31)] ?? '';
    }
    return text;
  }
}
