import type { Plan, PlanInput, Refusal } from './plan.ts';
import { refuse } from './plan.ts';
import { formatCpu, formatMemory } from './sizes.ts';

/** What the machine has for all of its sessions together. */
export interface Host {
  readonly cpu_millis: number;
  readonly memory_mb: number;
  readonly gpu_types: readonly string[];
}

/** The local machine: nothing is rounded or billed, and a session larger than the machine gets what the machine has. */
export const planLocal = (input: PlanInput, host: Host | null = null, strict = false): Plan | Refusal => {
  const cpu_millis = Math.min(input.cpu_limit_millis, host?.cpu_millis ?? input.cpu_limit_millis);
  const memory_mb = Math.min(input.memory_limit_mb, host?.memory_mb ?? input.memory_limit_mb);
  const gpu = input.gpu !== null && (host === null || host.gpu_types.includes(input.gpu.type)) ? input.gpu : null;
  const warnings: string[] = [];
  if (cpu_millis < input.cpu_limit_millis) {
    warnings.push(`This machine has ${formatCpu(cpu_millis)} CPU; ${formatCpu(input.cpu_limit_millis)} was asked for.`);
  }
  if (memory_mb < input.memory_limit_mb) {
    warnings.push(
      `This machine has ${formatMemory(memory_mb)} of memory; ${formatMemory(input.memory_limit_mb)} was asked for.`,
    );
  }
  if (strict && warnings.length > 0) return refuse('resource_spec', warnings.join(' '));
  if (input.gpu !== null && gpu === null) {
    const message = `This machine has no ${input.gpu.type} GPU`;
    if (strict) return refuse('gpu_type', message);
    warnings.push(`${message}; the session runs without one.`);
  }
  return {
    ok: true,
    shape: 'local',
    cpu_millis,
    memory_mb,
    gpu,
    disk_mb: input.disk_mb ?? 0,
    machine_type: null,
    min_billed_seconds: 0,
    max_life_minutes: null,
    start_timeout_ms: null,
    warnings,
    details: {},
  };
};
