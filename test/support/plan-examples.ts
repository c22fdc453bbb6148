import type { Plan, PlanInput } from '#domain/plan.ts';
import { planCloudRun, planGke, planWorkstations } from '#domain/plans.ts';

/** What is asked of a planner: CPU in thousandths, memory in MiB, and a GPU if there is one. */
export const input = (cpu: number, memory: number, gpu: PlanInput['gpu'] = null): PlanInput => ({
  cpu_request_millis: cpu,
  cpu_limit_millis: cpu,
  memory_request_mb: memory,
  memory_limit_mb: memory,
  gpu,
});

/** The accepted plan. @throws Error where it was refused */
export const must = (plan: ReturnType<typeof planGke>): Plan => {
  if (!plan.ok) throw new Error(plan.message);
  return plan;
};

/** One plan of each kind that is priced in its own way. */
export const cloudRun = must(planCloudRun(input(1000, 1024)));
export const gke = must(planGke(input(1000, 2048)));
export const l4 = must(planGke(input(4000, 16_384, { type: 'l4', count: 1 })));
export const a100 = must(planGke(input(4000, 16_384, { type: 'a100', count: 1 })));
export const workstation = must(planWorkstations(input(1000, 2048)));

/** The plan after its provider has said what it really gave. */
export const given = (plan: Plan, provisioning: 'spot' | 'on_demand'): Plan => ({
  ...plan,
  details: { ...plan.details, provisioning },
});
