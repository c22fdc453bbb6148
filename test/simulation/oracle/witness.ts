import type { Change } from '../doubles/documents.ts';

/** The product has broken one of its promises. */
class Violation extends Error {
  override readonly name = 'Violation';
}

/** One group of rules, which checks every commit. */
export interface Rules {
  committed(changes: readonly Change[]): void;
}

/** Where the events of a run come from: a simulated world, or what was recorded of a real one. */
interface Watched {
  readonly timeline: { readonly now: number; fail(error: unknown): void };
  readonly trace: { add(at: number, who: string, what: string, more?: unknown): void };
}

/** For every group of rules: reports broken rules and counts events. */
export class Bench {
  readonly #universe: Watched;
  readonly counts = new Map<string, number>();

  constructor(universe: Watched) {
    this.#universe = universe;
  }

  get now(): number {
    return this.#universe.timeline.now;
  }

  /** Ends the schedule and prints its seed. */
  demand(holds: boolean, rule: string, facts?: unknown): void {
    if (holds) return;
    const said = facts === undefined ? '' : `: ${JSON.stringify(facts)}`;
    const violation = new Violation(`${rule}${said}`);
    this.#universe.trace.add(this.now, 'ORACLE', rule, facts);
    this.#universe.timeline.fail(violation);
  }

  count(what: string, times = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + times);
  }
}
