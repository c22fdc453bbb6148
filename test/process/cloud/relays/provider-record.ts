import type { Compute, Observation } from '#ports/compute.ts';

/** When a sandbox began and ended, as its keeper said. */
export interface Recorded {
  readonly key: string;
  readonly started_at: number | null;
  readonly ended_at: number | null;
}

/** What the keeper said of each sandbox: its own record is released once a ledger is final. */
export class ProviderRecord {
  readonly #seen = new Map<string, Recorded>();

  of(key: string): Recorded | null {
    return this.#seen.get(key) ?? null;
  }

  /** The same driver, whose answers are noted. */
  watch(compute: Compute): Compute {
    const note = async (key: string, answer: Promise<Observation>): Promise<Observation> => {
      const { started_at, ended_at, ...more } = await answer;
      const before = this.#seen.get(key);
      this.#seen.set(key, {
        key,
        started_at: started_at ?? before?.started_at ?? null,
        ended_at: ended_at ?? before?.ended_at ?? null,
      });
      return { started_at, ended_at, ...more };
    };
    return {
      driver: compute.driver,
      capabilities: compute.capabilities,
      plan: (spec) => compute.plan(spec),
      ensure: (target, spec, plan) => note(target.key, compute.ensure(target, spec, plan)),
      observe: (target) => note(target.key, compute.observe(target)),
      exec: (target) => compute.exec(target),
      remove: (target, options) => note(target.key, compute.remove(target, options)),
      forget: (target) => compute.forget(target),
      list: () => compute.list(),
    };
  }
}
