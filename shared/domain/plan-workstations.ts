import type { Machine } from './machines.ts';
import { A100_MACHINES, E2_MACHINES, gpuCounts, L4_MACHINES, T4_MACHINES, V100_MACHINES } from './machines.ts';
import type { Plan, PlanInput, Refusal } from './plan.ts';
import { refuse, refuseLife, tooLarge } from './plan.ts';
import { formatCpu, formatMemory } from './sizes.ts';

const MACHINES: Readonly<Record<string, readonly Machine[]>> = {
  none: E2_MACHINES,
  t4: T4_MACHINES,
  v100: V100_MACHINES,
  l4: L4_MACHINES,
  a100: A100_MACHINES,
};

/** A workstation is stopped after a day at the latest. */
export const WORKSTATIONS_MAX_LIFE_MINUTES = 1440;
/** Compute Engine bills a machine one minute at least. */
const MIN_BILLED_SECONDS = 60;
const START_TIMEOUT_MS = 600_000;

/** Cloud Workstations: a whole virtual machine per session. */
export const planWorkstations = (input: PlanInput): Plan | Refusal => {
  const { gpu } = input;
  const life = refuseLife('workstations', input, WORKSTATIONS_MAX_LIFE_MINUTES);
  if (life !== null) return life;
  const type = gpu?.type ?? 'none';
  const machines = Object.hasOwn(MACHINES, type) ? MACHINES[type] : undefined;
  if (machines === undefined) return refuse('gpu_type', `workstations has no ${type} GPU; ask for gke`);
  const fitting = machines.filter((machine) => (machine.gpu?.count ?? 0) === (gpu?.count ?? 0));
  if (fitting.length === 0) {
    return refuse(
      'gpu_count',
      `workstations has machines with ${gpuCounts(machines).join(', ')} ${type} GPUs, not with ${gpu?.count}`,
    );
  }
  const machine = fitting.find(
    (candidate) => candidate.cpu_millis >= input.cpu_limit_millis && candidate.memory_mb >= input.memory_limit_mb,
  );
  if (machine === undefined) return tooLarge('workstations', 'the largest machine of its kind');
  const larger = machine.cpu_millis > input.cpu_limit_millis || machine.memory_mb > input.memory_limit_mb;
  return {
    ok: true,
    shape: 'workstations',
    cpu_millis: machine.cpu_millis,
    memory_mb: machine.memory_mb,
    gpu,
    disk_mb: input.disk_mb ?? 0,
    machine_type: machine.name,
    min_billed_seconds: MIN_BILLED_SECONDS,
    max_life_minutes: WORKSTATIONS_MAX_LIFE_MINUTES,
    start_timeout_ms: START_TIMEOUT_MS,
    warnings: [
      ...(larger
        ? [
            `workstations runs and bills a whole ${machine.name} (${formatCpu(machine.cpu_millis)} vCPU, ${formatMemory(machine.memory_mb)}).`,
          ]
        : []),
      'The hourly fee of the workstation cluster is the installation’s and is not in this estimate.',
    ],
    details: {},
  };
};
