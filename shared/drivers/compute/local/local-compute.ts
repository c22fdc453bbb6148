import { parseAllowed, policyText } from '#platform/network-policy.ts';
import type { Clock } from '#ports/clock.ts';
import {
  type Compute,
  ComputeRefused,
  type ComputeSpec,
  type Mount,
  type Observation,
  type Owned,
  type Plan,
} from '#ports/compute.ts';
import type { Logger } from '#ports/logger.ts';
import { findPrograms } from './host-programs.ts';
import { KeeperLink } from './keeper-link.ts';
import { KeeperDialer } from './keeper-dialer.ts';
import { type HostPlanner, type KeeperCapabilities, type LocalPlanContext, planOnHost } from './plan.ts';

export interface LocalComputeOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Logger;
  /**
   * The program and arguments that start a keeper. The settings below are added as its options. Null: a keeper runs
   * already, and this driver never starts one.
   */
  readonly keeperCommand: readonly string[] | null;
  readonly isolation?: 'auto' | 'required' | 'full' | 'user' | 'none';
  readonly network?: 'auto' | 'host' | 'none';
  /** Whether sessions with a network of their own reach private networks, and which ranges if not. */
  readonly networkPrivate?: 'open' | 'closed';
  readonly networkAllow?: string;
  /** Fits a spec to the machine (`planLocal` of the domain). */
  readonly planner: HostPlanner;
  /** Where the folders of the volumes and buckets of kind `local` lie. @throws TypeError */
  readonly folders: Readonly<Record<'volume' | 'bucket', (key: string) => string>>;
  /** What each image type would bring (`IMAGES` of the domain). */
  readonly images: Readonly<Record<string, { readonly programs: readonly string[] }>>;
  /** Refuse what can't be honoured instead of warning. */
  readonly strictResources?: boolean;
  /** Sandboxes kept ready. */
  readonly pool?: number;
  /** How long a command waits at a full log for a reader that is not there, seconds. */
  readonly holdSeconds?: number;
}

export interface LocalCompute extends Compute {
  readonly keeper: {
    readonly capabilities: KeeperCapabilities;
    /** Sessions that live now. */
    sessions(): Promise<number>;
    /** Sessions of a keeper of another version: listed, not reachable, and ended by that keeper. */
    unreachable(): Promise<readonly Owned[]>;
    /** Ends the keeper. @throws ComputeUnavailable if sessions run and `end_sessions` is false */
    shutdown(options: { readonly end_sessions: boolean; readonly grace_ms: number }): Promise<void>;
  };
  /** Lets go of the keeper; sessions go on. */
  close(): Promise<void>;
}

/** An ensure or a remove that takes longer is answered with the session's present state. */
const ANSWER_LIMIT_MS = 15_000;
/** Processes in one session. */
const PIDS = 1_024;

/** Sessions as sandboxes on this machine, kept by a process that outlives the server. @throws ComputeUnavailable */
export const localCompute = async (options: LocalComputeOptions): Promise<LocalCompute> => {
  const { dataDir, clock, log, images } = options;
  const { keeperCommand, isolation = 'auto', network = 'auto', pool = 0, holdSeconds } = options;
  const { networkPrivate = 'open', networkAllow = '' } = options;
  const settings = [
    ...['--data-dir', dataDir, '--isolation', isolation, '--network', network, '--pool', String(pool)],
    ...['--network-private', networkPrivate, '--network-allow', networkAllow],
  ];
  if (holdSeconds !== undefined) settings.push('--hold', String(holdSeconds));
  const command = keeperCommand && [...keeperCommand, ...settings];
  const dialer = new KeeperDialer({ dataDir, clock, command });
  const link = new KeeperLink({
    clock,
    log,
    connect: (session) => dialer.connect(session),
    hangs: () => dialer.hangs(),
  });
  const [found, present] = await Promise.all([
    link.call('capabilities', {}) as Promise<KeeperCapabilities>,
    findPrograms(Object.values(images).flatMap((image) => image.programs)),
  ]);
  const machine = withPolicyNote(found, policyText({ private: networkPrivate, allowed: parseAllowed(networkAllow) }));
  const context: LocalPlanContext = {
    machine,
    present,
    planner: options.planner,
    strict: options.strictResources ?? false,
    programsOf: (type) => images[type]?.programs,
  };
  const plan = (spec: ComputeSpec) => planOnHost(spec, context);
  const observe = async (key: string) => (await link.call('observe', { key })) as Observation;

  const list = async () => (await link.call('list', {})) as KeeperSession[];

  /** The call's answer, or an observation if the answer takes longer than the limit. */
  const inTime = async (key: string, answer: Promise<unknown>, limit_ms: number): Promise<Observation> => {
    const timeUp = Promise.withResolvers<null>();
    const timer = clock.timer(limit_ms, () => timeUp.resolve(null));
    answer.catch(() => {});
    const answered = await Promise.race([answer, timeUp.promise]).finally(() => timer.cancel());
    return answered === null ? observe(key) : (answered as Observation);
  };

  return {
    driver: 'local',
    capabilities: {
      images: false,
      gpu: false,
      volume_kind: 'local',
      bucket_kind: 'local',
      volume_access: 'many',
      remembers_ended: true,
      announces_reclaim: false,
      isolation: machine.level,
    },
    plan,
    ensure: async ({ key }, spec, planned) => {
      const sandbox = sandboxSpec(key, spec, planned, options, context);
      const seen = await inTime(key, link.call('ensure', { spec: sandbox, deadline: spec.deadline }), ANSWER_LIMIT_MS);
      // Opened ahead for the first command. If it fails now, that command opens it.
      if (seen.state === 'running') link.exec(key).catch(() => {});
      return seen;
    },
    observe: ({ key }) => observe(key),
    exec: ({ key }) => link.exec(key),
    remove: async ({ key }, { grace_ms }) => {
      const removed = await inTime(key, link.call('remove', { key, grace_ms }), grace_ms + ANSWER_LIMIT_MS);
      if (removed.state !== 'running') link.drop(key);
      return removed;
    },
    forget: async ({ key }) => void (await link.call('forget', { key })),
    list: async () => (await list()).map(owned),
    keeper: {
      capabilities: machine,
      sessions: async () => (await list()).filter(({ ended }) => !ended).length,
      unreachable: async () => (await list()).filter(({ reachable }) => reachable === false).map(owned),
      shutdown: async (how) => {
        const { closed } = await link.control();
        await link.call('shutdown', how);
        link.retire();
        await closed;
        link.close();
      },
    },
    close: async () => link.close(),
  };
};

/** A session as the keeper lists it. A keeper of an earlier release lists only its own running sessions. */
interface KeeperSession {
  readonly key: string;
  readonly session_id: string;
  readonly created_at: number;
  readonly ended?: boolean;
  readonly reachable?: boolean;
}

/** The keeper knows a sandbox by its key only; the session's document has its owner. */
/** Sessions of a keeper that an earlier server started have the network that this one's settings said. */
const withPolicyNote = (machine: KeeperCapabilities, wanted: string): KeeperCapabilities => {
  const { network, network_policy = wanted, warnings = [] } = machine;
  if (network !== 'own' || network_policy === wanted) return machine;
  const note =
    `The sessions of this machine have their network by earlier settings (private networks ${network_policy}, not ` +
    `${wanted}). End all sessions and start the server again to change it.`;
  return { ...machine, warnings: [...warnings, note] };
};

const owned = ({ key, session_id, created_at, ended = false }: KeeperSession): Owned => ({
  target: { key, owner: '', workspace_id: '', ref: null },
  session_id,
  created_at,
  ended,
});

/** The sandbox of a session, with the folders of its volume and buckets. @throws ComputeRefused */
const sandboxSpec = (
  key: string,
  spec: ComputeSpec,
  plan: Plan,
  { folders }: LocalComputeOptions,
  { programsOf, present }: LocalPlanContext,
): Readonly<Record<string, unknown>> => {
  const folder = (kind: 'volume' | 'bucket', mount: Mount): string => {
    if (mount.provider !== 'local')
      throw new ComputeRefused(`Sessions on this machine mount no ${kind} of kind ${mount.provider}`);
    return folders[kind](mount.key);
  };
  return {
    key,
    session_id: spec.session_id,
    cpu_millis: plan.cpu_millis,
    memory_mb: plan.memory_mb,
    pids: PIDS,
    disk_mb: spec.disk_mb,
    workspace_dir: spec.volume ? folder('volume', spec.volume) : null,
    buckets: spec.buckets.map((bucket) => ({ name: bucket.name, dir: folder('bucket', bucket) })),
    network: spec.network,
    python: (programsOf(spec.image.type)?.includes('python3') ?? false) && present.has('python3'),
  };
};
