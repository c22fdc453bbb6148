import type { Change } from '../doubles/documents.ts';
import type { Universe } from '../world/process.ts';

/** A rule that the product promises does not hold. */
class Violation extends Error {
  override readonly name = 'Violation';
}

/** One group of rules, told of every commit. */
export interface Rules {
  committed(changes: readonly Change[]): void;
}

/** What every group of rules needs: a way to say that one does not hold, and to count what came up. */
export class Bench {
  readonly #universe: Universe;
  readonly counts = new Map<string, number>();

  constructor(universe: Universe) {
    this.#universe = universe;
  }

  get now(): number {
    return this.#universe.timeline.now;
  }

  /** The schedule ends here and its seed is said. */
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
