import type { Random } from './random.ts';

interface Event {
  readonly at: number;
  /** Orders the events of one instant. Seeded, so that the same seed gives the same order. */
  readonly tie: number;
  run: (() => void) | null;
}

const before = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.tie < b.tie);

/**
 * Virtual time. Every action is an event in this heap. Between two events all promises that can continue do so; no
 * timer of the machine is involved. Calls that leave the simulation take real time, in which virtual time stands still.
 */
export class Timeline {
  readonly #random: Random;
  readonly #heap: Event[] = [];
  #failure: unknown = null;
  #outside: () => Promise<void> | null = () => null;
  now: number;
  events = 0;

  constructor(random: Random, start: number) {
    this.#random = random;
    this.now = start;
  }

  /** Calls `run` after `ms` of virtual time. @returns the function that cancels this */
  after(ms: number, run: () => void): () => void {
    const event: Event = { at: this.now + Math.max(0, Math.round(ms)), tie: this.#random.fraction(), run };
    this.#push(event);
    return () => {
      event.run = null;
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Before each event, waits for what `outside` names as still under way, until it names nothing more. */
  waitFor(outside: () => Promise<void> | null): void {
    this.#outside = outside;
  }

  /** Reports a violation, with which the run ends. Only the first is kept. */
  fail(error: unknown): void {
    this.#failure ??= error;
  }

  /** Runs all events up to an instant. @throws the first error that `fail` got */
  runUntil(instant: number): Promise<void> {
    return new Promise((resolve, reject) => {
      // The tick runs when no microtask is left, so all promises that could continue have done so.
      const soon = (): void => queueMicrotask(() => process.nextTick(step));
      const step = (): void => {
        if (this.#failure !== null) {
          reject(this.#failure);
          return;
        }
        const outside = this.#outside();
        if (outside !== null) {
          outside.catch((error: unknown) => this.fail(error)).finally(soon);
          return;
        }
        const next = this.#heap[0];
        if (!next || next.at > instant) {
          this.now = Math.max(this.now, instant);
          resolve();
          return;
        }
        this.#pop();
        if (next.run !== null) {
          this.now = next.at;
          this.events += 1;
          try {
            next.run();
          } catch (error) {
            this.fail(error);
          }
        }
        soon();
      };
      step();
    });
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let i = heap.length;
    heap.push(event);
    while (i > 0) {
      const up = (i - 1) >> 1;
      const parent = heap[up];
      if (!parent || before(parent, event)) break;
      heap[i] = parent;
      i = up;
    }
    heap[i] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let i = 0;
    for (;;) {
      const left = 2 * i + 1;
      const a = heap[left];
      const b = heap[left + 1];
      if (!a) break;
      const [small, at] = b && before(b, a) ? [b, left + 1] : [a, left];
      if (before(last, small)) break;
      heap[i] = small;
      i = at;
    }
    heap[i] = last;
  }
}
