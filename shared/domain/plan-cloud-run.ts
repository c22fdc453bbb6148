import type { Plan, PlanInput, Refusal } from './plan.ts';
import { refuse, refuseLife, tooLarge } from './plan.ts';
import { formatCpu, formatMemory } from './sizes.ts';

/** Whole vCPUs of a Cloud Run job and the memory that each allows. */
const SIZES = [
  { cpu_millis: 1000, min_memory_mb: 512, max_memory_mb: 4096 },
  { cpu_millis: 2000, min_memory_mb: 512, max_memory_mb: 8192 },
  { cpu_millis: 4000, min_memory_mb: 2048, max_memory_mb: 16_384 },
  { cpu_millis: 8000, min_memory_mb: 4096, max_memory_mb: 32_768 },
] as const;

/** The only GPU type that is both in packages and on Cloud Run, and the CPU and memory that it requires. */
const GPU = { type: 'l4', count: 1, min_cpu_millis: 4000, min_memory_mb: 16_384 } as const;

/** A task lives 168 hours, one with a GPU one hour. */
export const CLOUD_RUN_MAX_LIFE_MINUTES = { cpu: 10_080, gpu: 60 } as const;
const MIN_BILLED_SECONDS = 60;
const START_TIMEOUT_MS = 300_000;

/** A Cloud Run job: limits are what runs and what is billed; CPU comes in whole vCPUs. */
export const planCloudRun = (input: PlanInput): Plan | Refusal => {
  const { gpu } = input;
  if (gpu !== null && gpu.type !== GPU.type) {
    return refuse('gpu_type', `cloud_run has no ${gpu.type} GPU, only ${GPU.type}; ask for gke`);
  }
  if (gpu !== null && gpu.count !== GPU.count) return refuse('gpu_count', 'cloud_run gives a session one GPU at most');
  const max_life_minutes = gpu === null ? CLOUD_RUN_MAX_LIFE_MINUTES.cpu : CLOUD_RUN_MAX_LIFE_MINUTES.gpu;
  const life = refuseLife('cloud_run', input, max_life_minutes);
  if (life !== null) return life;

  const wanted = {
    cpu: Math.max(input.cpu_limit_millis, gpu === null ? 0 : GPU.min_cpu_millis),
    memory: Math.max(input.memory_limit_mb, gpu === null ? 0 : GPU.min_memory_mb),
  };
  const size = SIZES.find((entry) => entry.cpu_millis >= wanted.cpu && entry.max_memory_mb >= wanted.memory);
  if (size === undefined) return tooLarge('cloud_run', '8 vCPU and 32Gi of memory');
  const memory_mb = Math.max(wanted.memory, size.min_memory_mb);

  const warnings: string[] = [];
  if (size.cpu_millis > input.cpu_limit_millis) {
    warnings.push(
      `cloud_run runs and bills ${formatCpu(size.cpu_millis)} vCPU; ${formatCpu(input.cpu_limit_millis)} was asked for.`,
    );
  }
  if (memory_mb > input.memory_limit_mb) {
    warnings.push(
      `cloud_run runs and bills ${formatMemory(memory_mb)} of memory; ${formatMemory(input.memory_limit_mb)} was asked for.`,
    );
  }
  return {
    ok: true,
    shape: 'cloud_run',
    cpu_millis: size.cpu_millis,
    memory_mb,
    gpu,
    disk_mb: input.disk_mb ?? 0,
    machine_type: null,
    min_billed_seconds: MIN_BILLED_SECONDS,
    max_life_minutes,
    start_timeout_ms: START_TIMEOUT_MS,
    warnings: [
      ...warnings,
      'cloud_run bills one minute at least; files outside volumes and buckets count against memory.',
    ],
    details: {},
  };
};
