import { planOn } from '#domain/plans.ts';
import { type Compute, type ComputeSpec, ComputeRefused, ComputeUnavailable, SessionGone } from '#ports/compute.ts';
import { type ExecChannel, ExecError, NOTHING_MEASURED } from '#ports/exec.ts';
import type { CallFaults, Process, Universe } from '../world/process.ts';
import type { Cloud } from './cloud.ts';

export type Driver = 'local' | 'gke' | 'cloud_run';

/** A provider that is at times out of reach of everybody. */
export class Reachability {
  readonly #universe: Universe;
  #until = 0;

  constructor(universe: Universe) {
    this.#universe = universe;
  }

  cut(ms: number): void {
    this.#until = this.#universe.timeline.now + ms;
    this.#universe.trace.add(this.#universe.timeline.now, 'cloud', 'UNREACHABLE', `${ms} ms`);
  }

  /** @throws ComputeUnavailable */
  check(): void {
    if (!this.#universe.chaos.calm && this.#universe.timeline.now < this.#until) {
      throw new ComputeUnavailable('the provider can not be reached');
    }
  }
}

const noExec = (what: string) => async (): Promise<never> => {
  throw new ExecError('unavailable', `the simulated session has no commands (${what})`);
};

/** The Compute port over a simulated cloud, as one process has it. */
export const simulatedCompute = (
  universe: Universe,
  process: Process,
  driver: Driver,
  cloud: Cloud,
  reachability: Reachability,
  refuses: (session_id: string) => boolean,
): Compute => {
  const error = (): Error => new ComputeUnavailable('the provider did not answer');
  const prompt: CallFaults = { rate: universe.chaos.compute, error };
  const lingering: CallFaults = { ...prompt, lingering_ms: 25_000 };
  const call = <R>(label: string, effect: () => R | Promise<R>, faults = prompt): Promise<R> =>
    process.reach(
      label,
      () => {
        reachability.check();
        return effect();
      },
      faults,
    );

  const channel = (key: string): ExecChannel => ({
    deadline: (deadline) =>
      call(`deadline ${key} ${new Date(deadline.at).toISOString()} of ${deadline.generation}`, () => {
        if (!cloud.moveDeadline(key, deadline)) throw new ExecError('no_such_session', `${key} has ended`);
      }),
    list: async () => [],
    get: async () => null,
    start: noExec('start'),
    wait: noExec('wait'),
    stdin: noExec('stdin'),
    signal: noExec('signal'),
    resize: noExec('resize'),
    usage: async () => NOTHING_MEASURED,
    read: async function* () {},
    close: () => undefined,
  });

  return {
    driver,
    capabilities: { images: true, gpu: false, max_life_minutes: null, storage_kind: driver, isolation: 'simulated' },
    plan: (spec: ComputeSpec) => planOn(driver, spec),
    ensure: (key, spec) =>
      call(
        `ensure ${key}`,
        () => {
          if (refuses(spec.session_id)) throw new ComputeRefused('The provider has no room for such a session');
          return cloud.ensure(key, spec);
        },
        lingering,
      ),
    observe: (key) => call(`observe ${key}`, () => cloud.observe(key)),
    exec: (key) =>
      call(`exec ${key}`, () => {
        const { state } = cloud.observe(key);
        if (state === 'starting') throw new ComputeUnavailable('the session is starting');
        if (state !== 'running') throw new SessionGone(`${key} has ended`);
        return channel(key);
      }),
    usage: async () => ({ cpu_percent: null, memory_mb: null, memory_limit_mb: null, disk_mb: null, processes: null }),
    remove: (key, { grace_ms }) => call(`remove ${key}`, () => cloud.remove(key, grace_ms), lingering),
    list: () => call('list', () => cloud.list()),
  };
};
