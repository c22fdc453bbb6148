import { planOn } from '#domain/plans.ts';
import {
  type Compute,
  type ComputeCapabilities,
  type ComputeSpec,
  type Plan,
  type Refusal,
  ComputeRefused,
  ComputeUnavailable,
  SessionGone,
} from '#ports/compute.ts';
import { type ExecChannel, ExecError, NOTHING_MEASURED } from '#ports/exec.ts';
import type { CallFaults, Process, Universe } from '../world/process.ts';
import type { Cloud } from './cloud.ts';

type Driver = 'local' | 'gke' | 'cloud_run';

/** The properties in which providers differ. */
export interface ComputeManners {
  readonly driver: Driver;
  readonly volume_kind: string;
  readonly bucket_kind: string;
  readonly volume_access: ComputeCapabilities['volume_access'];
  readonly remembers_ended: boolean;
  readonly max_life_minutes: number | null;
  readonly start_timeout_ms: number | null;
}

const planFor = ({ driver, max_life_minutes, start_timeout_ms }: ComputeManners, spec: ComputeSpec): Plan | Refusal => {
  const plan = planOn(driver, spec);
  if (!plan.ok) return plan;
  if (max_life_minutes !== null && spec.life_minutes > max_life_minutes)
    return { ok: false, field: 'ttl_minutes', message: `${driver} gives ${max_life_minutes} minutes at most` };
  return { ...plan, max_life_minutes, start_timeout_ms };
};

/** A provider that no process can reach at times. */
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

/** The Compute port of one process over a simulated cloud. */
export const simulatedCompute = (
  universe: Universe,
  process: Process,
  manners: ComputeManners,
  cloud: Cloud,
  reachability: Reachability,
  refuses: (session_id: string) => boolean,
): Compute => {
  const { driver, volume_kind, bucket_kind, volume_access, remembers_ended } = manners;
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
    offsetAt: noExec('offset_at'),
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
    capabilities: {
      ...{ images: true, gpu: false, isolation: 'simulated' },
      ...{ volume_kind, bucket_kind, volume_access, remembers_ended, announces_reclaim: false },
    },
    plan: (spec: ComputeSpec) => planFor(manners, spec),
    ensure: (target, spec, plan) =>
      call(
        `ensure ${target.key}`,
        () => {
          if (refuses(spec.session_id)) throw new ComputeRefused('The provider has no room for such a session');
          return cloud.ensure(driver, target, spec, plan);
        },
        lingering,
      ),
    observe: ({ key }) => call(`observe ${key}`, () => cloud.observe(key)),
    exec: ({ key }) =>
      call(`exec ${key}`, () => {
        const { state } = cloud.observe(key);
        if (state === 'starting') throw new ComputeUnavailable('the session is starting');
        if (state !== 'running') throw new SessionGone(`${key} has ended`);
        return channel(key);
      }),
    remove: ({ key }, { grace_ms }) => call(`remove ${key}`, () => cloud.remove(key, grace_ms), lingering),
    forget: ({ key }) => call(`forget ${key}`, () => cloud.forget(key)),
    list: () => call('list', () => cloud.list(driver)),
  };
};
