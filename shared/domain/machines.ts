/**
 * Compute Engine machines with GPUs as providers bill them: whole. Sorted by price within a GPU type, so that the
 * first that is large enough is the cheapest.
 */
export interface Machine {
  readonly name: string;
  readonly cpu_millis: number;
  readonly memory_mb: number;
  readonly gpu: { readonly type: string; readonly count: number } | null;
  /** Sold as Spot only: may be taken back at short notice. */
  readonly spot: boolean;
  /** At on-demand prices. */
  readonly bill: readonly MachineLine[];
  /** As Spot, where the parts have no Spot prices of their own: the whole machine has one. */
  readonly spot_bill?: readonly MachineLine[];
}

/** `quantity` units of a row of the price table. */
interface MachineLine {
  readonly component: 'cpu' | 'memory' | 'gpu';
  readonly item: string;
  readonly quantity: number;
}

type Family = 'n1' | 'g2' | 'e2';

/** A machine whose cores and memory have prices of their own. N1 is chosen with its GPUs, the others imply them. */
const byParts = (
  family: Family,
  vcpu: number,
  memory_gib: number,
  gpu: { readonly type: string; readonly count: number; readonly item: string } | null,
): Machine => ({
  name: `${family}-standard-${vcpu}`,
  cpu_millis: vcpu * 1000,
  memory_mb: memory_gib * 1024,
  gpu: gpu === null ? null : { type: gpu.type, count: gpu.count },
  spot: false,
  bill: [
    { component: 'cpu', item: `gce.${family}.core`, quantity: vcpu },
    { component: 'memory', item: `gce.${family}.ram`, quantity: memory_gib },
    ...(gpu === null ? [] : [{ component: 'gpu', item: gpu.item, quantity: gpu.count } as const]),
  ],
});

/** A machine that is a multiple of its family's smallest, whose cores and memory have one price. */
const byUnits = (
  prefix: string,
  units: number,
  unit: { readonly vcpu: number; readonly memory_gib: number },
  item: string,
  gpu: { readonly type: string; readonly item: string },
): Machine => ({
  name: `${prefix}-${units}g`,
  cpu_millis: units * unit.vcpu * 1000,
  memory_mb: units * unit.memory_gib * 1024,
  gpu: { type: gpu.type, count: units },
  spot: false,
  bill: [
    { component: 'cpu', item, quantity: units },
    { component: 'gpu', item: gpu.item, quantity: units },
  ],
});

const n1 = (type: 't4' | 'v100', count: number, sizes: readonly number[]): readonly Machine[] =>
  sizes.map((vcpu) => byParts('n1', vcpu, vcpu * 3.75, { type, count, item: `gce.gpu.${type}` }));

const g2 = (count: number, vcpu: number): Machine =>
  byParts('g2', vcpu, vcpu * 4, { type: 'l4', count, item: 'gce.gpu.l4' });

const A2 = { vcpu: 12, memory_gib: 85 };
const A3 = { vcpu: 26, memory_gib: 234 };

const a2 = (units: number): Machine =>
  byUnits('a2-highgpu', units, A2, 'gce.a2-highgpu-1g.cpu-and-ram', { type: 'a100', item: 'gce.gpu.a100-40' });

const a3 = (units: number): Machine => ({
  ...byUnits('a3-highgpu', units, A3, 'gce.a3-highgpu-1g.cpu-and-ram', { type: 'h100', item: 'gce.gpu.h100-80' }),
  spot_bill: [{ component: 'gpu', item: 'gce.a3-highgpu-1g.spot', quantity: units }],
});

/** The small H100 machines exist as Spot alone. */
const a3Spot = (units: number): Machine => ({ ...a3(units), spot: true });

export const T4_MACHINES: readonly Machine[] = [
  ...n1('t4', 1, [4, 8, 16]),
  ...n1('t4', 2, [4, 8, 16, 32]),
  ...n1('t4', 4, [8, 16, 32]),
];
export const V100_MACHINES: readonly Machine[] = [
  ...n1('v100', 1, [4, 8]),
  ...n1('v100', 2, [8, 16]),
  ...n1('v100', 4, [16, 32]),
  ...n1('v100', 8, [32, 64]),
];
export const L4_MACHINES: readonly Machine[] = [
  g2(1, 4),
  g2(1, 8),
  g2(1, 12),
  g2(1, 16),
  g2(1, 32),
  g2(2, 24),
  g2(4, 48),
  g2(8, 96),
];
export const A100_MACHINES: readonly Machine[] = [a2(1), a2(2), a2(4), a2(8)];
export const H100_MACHINES: readonly Machine[] = [a3Spot(1), a3Spot(2), a3Spot(4), a3(8)];
export const E2_MACHINES: readonly Machine[] = [2, 4, 8, 16, 32].map((vcpu) => byParts('e2', vcpu, vcpu * 4, null));

const ALL = [...T4_MACHINES, ...V100_MACHINES, ...L4_MACHINES, ...A100_MACHINES, ...H100_MACHINES, ...E2_MACHINES];

/** The machine of a plan: N1 has one name for several GPU choices, so that the GPU is part of the key. */
export const findMachine = (
  name: string,
  gpu: { readonly type: string; readonly count: number } | null,
): Machine | null =>
  ALL.find(
    (machine) => machine.name === name && machine.gpu?.type === gpu?.type && machine.gpu?.count === gpu?.count,
  ) ?? null;

/** The GPU counts that a type comes in, ascending. */
export const gpuCounts = (machines: readonly Machine[]): readonly number[] =>
  [...new Set(machines.map((machine) => machine.gpu?.count ?? 0))].sort((a, b) => a - b);
