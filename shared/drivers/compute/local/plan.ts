import type { ComputeSpec, Plan, Refusal } from '#ports/compute.ts';

/** What the keeper found out about its machine. */
export interface KeeperCapabilities {
  readonly level: string;
  readonly limits: Readonly<Record<string, string>>;
  readonly network: string;
  /** Whether sessions reach private networks, in words. Absent from an older keeper. */
  readonly network_policy?: string;
  readonly cpu_millis: number;
  readonly memory_mb: number;
  /** Why each stronger level of isolation is not possible. */
  readonly refused: readonly { readonly level: string; readonly why: string }[];
  /** What every session lacks on this machine, one sentence each. Absent from an older keeper. */
  readonly warnings?: readonly string[];
}

interface Host {
  readonly cpu_millis: number;
  readonly memory_mb: number;
  readonly gpu_types: readonly string[];
}

/** Fits a request to the machine by the product's rules. */
export type HostPlanner = (spec: ComputeSpec, host: Host, strict: boolean) => Plan | Refusal;

export interface LocalPlanContext {
  readonly machine: KeeperCapabilities;
  readonly planner: HostPlanner;
  readonly strict: boolean;
  /** The programs that the image type contains; undefined for a user's own image. */
  readonly programsOf: (imageType: string) => readonly string[] | undefined;
  readonly present: ReadonlySet<string>;
}

/** What a session on this machine gets. A request that can't be met is a warning, or a refusal if `strict`. */
export const planOnHost = (spec: ComputeSpec, context: LocalPlanContext): Plan | Refusal => {
  const { machine, planner, strict } = context;
  const host = { cpu_millis: machine.cpu_millis, memory_mb: machine.memory_mb, gpu_types: [] };
  const plan = planner(spec, host, strict);
  if (!plan.ok) return plan;
  const image = imageWarnings(spec, context);
  if (strict && image[0] !== undefined) return { ok: false, field: 'image_spec', message: image.join(' ') };
  const network = networkWarnings(spec, machine);
  if (strict && network[0] !== undefined) return { ok: false, field: 'network', message: network.join(' ') };
  return {
    ...plan,
    shape: 'local',
    warnings: [...plan.warnings, ...image, ...network, ...isolationWarnings(machine)],
    details: {
      ...plan.details,
      driver: 'local',
      image: 'host',
      isolation: machine.level,
      limits: machine.limits,
      network: spec.network === 'none' ? 'none' : machine.network,
    },
  };
};

const imageWarnings = ({ image }: ComputeSpec, { programsOf, present }: LocalPlanContext): string[] => {
  const programs = programsOf(image.type);
  if (!programs) {
    const name = image.url ?? image.type;
    return [`Sessions on this machine run no images: this one has the machine’s own programs, not those of ${name}.`];
  }
  const warnings: string[] = [];
  const lacking = programs.filter((program) => !present.has(program));
  if (lacking.length > 0) {
    warnings.push(`This machine lacks ${lacking.join(', ')}, which the image ${image.type} would bring.`);
  }
  if (image.tag !== null && image.tag !== 'latest') {
    warnings.push(
      `Sessions on this machine run no images: the programs are of the machine’s own versions, not of ${image.type}:${image.tag}.`,
    );
  }
  return warnings;
};

const networkWarnings = (spec: ComputeSpec, machine: KeeperCapabilities): string[] =>
  spec.network === 'none' && machine.level === 'none'
    ? ['Without isolation a session can not be cut off from the network.']
    : [];

const isolationWarnings = (machine: KeeperCapabilities): string[] =>
  machine.level === 'none'
    ? [
        'This machine allows no isolation, so the session is not isolated: its commands are plain processes of the user that runs the server, with all files of that user.',
      ]
    : [];
