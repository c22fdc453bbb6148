import type { Machine } from './machines.ts';
import { A100_MACHINES, gpuCounts, H100_MACHINES, L4_MACHINES, T4_MACHINES } from './machines.ts';
import type { Gpu } from './packages.ts';
import type { Plan, PlanInput, Refusal } from './plan.ts';
import { refuse, roundUp, tooLarge } from './plan.ts';
import { formatCpu, formatMemory } from './sizes.ts';

/** What an Autopilot CPU pod may request: it is rounded up to this grid and billed by it. */
const GRID = {
  cpu_step_millis: 250,
  max_cpu_millis: 30_000,
  min_memory_mb: 512,
  max_memory_mb: 112_640,
  /** MiB per vCPU: the short side is raised. */
  min_ratio: 1024,
  max_ratio: 6656,
  min_disk_mb: 1024,
  max_disk_mb: 10_240,
} as const;

/** GPU types of Autopilot. V100 is on Standard node pools only. */
const MACHINES: Readonly<Record<string, readonly Machine[]>> = {
  t4: T4_MACHINES,
  l4: L4_MACHINES,
  a100: A100_MACHINES,
  h100: H100_MACHINES,
};

/** Slices of a node that its own services keep: [up to this many, the share of the slice]. */
const CPU_KEPT = [
  [1000, 0.06],
  [2000, 0.01],
  [4000, 0.005],
  [Number.POSITIVE_INFINITY, 0.0025],
] as const;
const MEMORY_KEPT = [
  [4096, 0.25],
  [8192, 0.2],
  [16_384, 0.1],
  [131_072, 0.06],
  [Number.POSITIVE_INFINITY, 0.02],
] as const;
const EVICTION_MB = 100;

const kept = (total: number, slices: readonly (readonly [number, number])[]): number => {
  let sum = 0;
  let from = 0;
  for (const [to, share] of slices) {
    sum += Math.max(0, Math.min(total, to) - from) * share;
    from = to;
  }
  return Math.ceil(sum);
};

/** What pods may use of a machine as a node: a pod of 4 CPU does not fit a machine of 4. */
export const allocatable = (machine: Machine): { readonly cpu_millis: number; readonly memory_mb: number } => ({
  cpu_millis: machine.cpu_millis - kept(machine.cpu_millis, CPU_KEPT),
  memory_mb: machine.memory_mb - kept(machine.memory_mb, MEMORY_KEPT) - EVICTION_MB,
});

/** A node may have to be made first, and one with a GPU found. */
const START_TIMEOUT_MS = { pod: 300_000, gpu: 900_000 } as const;

const planPod = (input: PlanInput): Plan | Refusal => {
  const cpuForMemory = Math.ceil((input.memory_request_mb * 1000) / GRID.max_ratio);
  const cpu_millis = roundUp(Math.max(input.cpu_request_millis, cpuForMemory), GRID.cpu_step_millis);
  const memory_mb = Math.max(
    input.memory_request_mb,
    GRID.min_memory_mb,
    Math.ceil((cpu_millis * GRID.min_ratio) / 1000),
  );
  if (cpu_millis > GRID.max_cpu_millis || memory_mb > GRID.max_memory_mb)
    return tooLarge('gke', '30 vCPU and 110Gi of memory');
  const disk_mb = Math.min(Math.max(input.disk_mb ?? GRID.min_disk_mb, GRID.min_disk_mb), GRID.max_disk_mb);

  const warnings: string[] = [];
  if (cpu_millis > input.cpu_request_millis) {
    warnings.push(
      `gke requests and bills ${formatCpu(cpu_millis)} vCPU; ${formatCpu(input.cpu_request_millis)} was asked for.`,
    );
  }
  if (memory_mb > input.memory_request_mb) {
    warnings.push(
      `gke requests and bills ${formatMemory(memory_mb)} of memory; ${formatMemory(input.memory_request_mb)} was asked for.`,
    );
  }
  if (input.cpu_limit_millis > cpu_millis || input.memory_limit_mb > memory_mb) {
    warnings.push('gke gives what is requested: a limit above the request is lowered to it.');
  }
  if (disk_mb < (input.disk_mb ?? 0))
    warnings.push('gke gives a session 10Gi of disk of its own; ask for a volume for more.');
  return {
    ok: true,
    shape: 'gke',
    cpu_millis,
    memory_mb,
    gpu: null,
    disk_mb,
    machine_type: null,
    min_billed_seconds: 0,
    max_life_minutes: null,
    start_timeout_ms: START_TIMEOUT_MS.pod,
    warnings,
    details: {},
  };
};

const planGpuPod = (input: PlanInput, gpu: Gpu): Plan | Refusal => {
  const machines = Object.hasOwn(MACHINES, gpu.type) ? MACHINES[gpu.type] : undefined;
  if (machines === undefined) {
    return refuse('gpu_type', `gke (Autopilot) has no ${gpu.type} GPU, only ${Object.keys(MACHINES).join(', ')}`);
  }
  const fitting = machines.filter((machine) => machine.gpu?.count === gpu.count);
  if (fitting.length === 0) {
    return refuse(
      'gpu_count',
      `gke has machines with ${gpuCounts(machines).join(', ')} ${gpu.type} GPUs, not with ${gpu.count}`,
    );
  }
  const machine = fitting.find((candidate) => {
    const room = allocatable(candidate);
    return room.cpu_millis >= input.cpu_limit_millis && room.memory_mb >= input.memory_limit_mb;
  });
  if (machine === undefined) {
    const rooms = fitting.map(allocatable);
    const cpu = Math.max(...rooms.map((room) => room.cpu_millis));
    const memory = Math.max(...rooms.map((room) => room.memory_mb));
    return tooLarge(
      'gke',
      `${formatCpu(cpu)} vCPU and ${formatMemory(memory)} of memory beside ${gpu.count} ${gpu.type}`,
    );
  }
  return {
    ok: true,
    shape: 'gke_gpu',
    cpu_millis: input.cpu_limit_millis,
    memory_mb: input.memory_limit_mb,
    gpu,
    disk_mb: Math.max(input.disk_mb ?? GRID.min_disk_mb, GRID.min_disk_mb),
    machine_type: machine.name,
    min_billed_seconds: 0,
    max_life_minutes: null,
    start_timeout_ms: START_TIMEOUT_MS.gpu,
    warnings: [
      `gke bills the whole machine ${machine.name} (${formatCpu(machine.cpu_millis)} vCPU, ${formatMemory(machine.memory_mb)}, ` +
        `${gpu.count} ${gpu.type}) while the session’s pod lives; the time it stands idle before and after is not in this estimate.`,
      ...(machine.spot ? [`${machine.name} is sold as Spot only: the provider may take it back at short notice.`] : []),
    ],
    details: { provisioning: machine.spot ? 'spot' : 'on_demand' },
  };
};

/** GKE Autopilot: CPU pods are billed by their requests, pods with a GPU by the whole machine under them. */
export const planGke = (input: PlanInput): Plan | Refusal =>
  input.gpu === null ? planPod(input) : planGpuPod(input, input.gpu);
