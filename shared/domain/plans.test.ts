import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { E2_MACHINES, findMachine, L4_MACHINES } from './machines.ts';
import type { PackageName } from './packages.ts';
import { PACKAGES, packageOf } from './packages.ts';
import type { Plan, PlanInput, Refusal } from './plan.ts';
import { allocatable } from './plan-gke.ts';
import {
  maxLifeMinutes,
  PLANNERS,
  PROVIDER_GPUS,
  planCloudRun,
  planGke,
  planLocal,
  planWorkstations,
  shadowPlan,
} from './plans.ts';
import { priceTable } from './prices.ts';
import { missingPrices } from './pricing.ts';

const of = (cpu: number, memory: number, gpu: PlanInput['gpu'] = null): PlanInput => ({
  cpu_request_millis: cpu,
  cpu_limit_millis: cpu,
  memory_request_mb: memory,
  memory_limit_mb: memory,
  gpu,
});
const ofPackage = (name: PackageName): PlanInput => {
  const { cpu_millis, memory_mb, gpu } = packageOf(name);
  return of(cpu_millis, memory_mb, gpu);
};
const planned = (result: Plan | Refusal): Plan => {
  if (!result.ok) throw new Error(`${result.field}: ${result.message}`);
  return result;
};
const refused = (result: Plan | Refusal): string => (result.ok ? `planned ${result.shape}` : result.field);
const size = (result: Plan | Refusal) => [planned(result).cpu_millis, planned(result).memory_mb];

describe('cloud_run', () => {
  it.each([
    [250, 512, 1000, 512],
    [1000, 4096, 1000, 4096],
    [1000, 4097, 2000, 4097],
    [2000, 4096, 2000, 4096],
    [3000, 1024, 4000, 2048],
    [4000, 16_384, 4000, 16_384],
    [4500, 2048, 8000, 4096],
    [1000, 32_768, 8000, 32_768],
  ])('%i millis and %i MiB become %i and %i', (cpu, memory, wantCpu, wantMemory) => {
    expect(size(planCloudRun(of(cpu, memory)))).toEqual([wantCpu, wantMemory]);
  });

  it('bills a minute at least, and says what it rounds', () => {
    const plan = planned(planCloudRun(of(250, 256)));
    expect(plan.min_billed_seconds).toBe(60);
    expect(plan.warnings).toContain('cloud_run runs and bills 1 vCPU; 250m was asked for.');
    expect(plan.warnings).toContain('cloud_run runs and bills 512Mi of memory; 256Mi was asked for.');
  });

  it('runs the limit, which is what it bills', () => {
    expect(size(planCloudRun({ ...of(500, 1024), cpu_limit_millis: 3000, memory_limit_mb: 3000 }))).toEqual([
      4000, 3000,
    ]);
  });

  it('has one L4 beside 4 vCPU and 16Gi, for an hour', () => {
    expect(size(planCloudRun(of(1000, 2048, { type: 'l4', count: 1 })))).toEqual([4000, 16_384]);
    expect(refused(planCloudRun(of(1000, 2048, { type: 'l4', count: 2 })))).toBe('gpu_count');
    for (const type of ['t4', 'v100', 'a100', 'h100']) {
      expect(refused(planCloudRun(of(1000, 2048, { type, count: 1 })))).toBe('gpu_type');
    }
    expect(refused(planCloudRun({ ...of(1000, 2048, { type: 'l4', count: 1 }), life_minutes: 61 }))).toBe(
      'ttl_minutes',
    );
    expect(planCloudRun({ ...of(1000, 2048), life_minutes: 1440 }).ok).toBe(true);
    expect(maxLifeMinutes('cloud_run', true)).toBe(60);
    expect(maxLifeMinutes('cloud_run', false)).toBe(168 * 60);
  });

  it('refuses what is too large', () => {
    expect(refused(planCloudRun(of(8001, 1024)))).toBe('resource_spec');
    expect(refused(planCloudRun(of(1000, 32_769)))).toBe('resource_spec');
  });
});

describe('gke', () => {
  it.each([
    [250, 512, 250, 512],
    [300, 512, 500, 512],
    [500, 1024, 500, 1024],
    [1000, 512, 1000, 1024],
    [250, 4096, 750, 4096],
    [250, 1664, 250, 1664],
    [250, 1665, 500, 1665],
    [30_000, 112_640, 30_000, 112_640],
  ])('a CPU pod of %i millis and %i MiB becomes %i and %i', (cpu, memory, wantCpu, wantMemory) => {
    expect(size(planGke(of(cpu, memory)))).toEqual([wantCpu, wantMemory]);
  });

  it('bills the request and says that limits are lowered to it', () => {
    const plan = planned(planGke({ ...of(500, 1024), cpu_limit_millis: 2000 }));
    expect([plan.cpu_millis, plan.memory_mb]).toEqual([500, 1024]);
    expect(plan.warnings).toEqual(['gke gives what is requested: a limit above the request is lowered to it.']);
    expect(planned(planGke(of(500, 1024))).warnings).toEqual([]);
    expect(refused(planGke(of(30_001, 112_640)))).toBe('resource_spec');
  });

  it('keeps the disk within what a pod may have', () => {
    const disk = (disk_mb: number) => planned(planGke({ ...of(500, 1024), disk_mb })).disk_mb;
    expect([disk(1), disk(2048), disk(50_000)]).toEqual([1024, 2048, 10_240]);
  });

  it('takes a machine whose room is enough, not whose size is', () => {
    const g2 = L4_MACHINES[0];
    expect(g2?.name).toBe('g2-standard-4');
    const machine = (result: Plan | Refusal) => planned(result).machine_type;
    expect(machine(planGke(of(3500, 8192, { type: 'l4', count: 1 })))).toBe('g2-standard-4');
    expect(machine(planGke(of(4000, 8192, { type: 'l4', count: 1 })))).toBe('g2-standard-8');
    expect(machine(planGke(ofPackage('ml_t4_small')))).toBe('n1-standard-4');
    expect(machine(planGke(ofPackage('ml_t4_large')))).toBe('n1-standard-8');
    expect(machine(planGke(ofPackage('ml_a100_large')))).toBe('a2-highgpu-1g');
    expect(machine(planGke(ofPackage('ml_h100_large')))).toBe('a3-highgpu-1g');
  });

  it('bills the machine and says so, Spot too', () => {
    const plan = planned(planGke(ofPackage('ml_h100_small')));
    expect(plan.shape).toBe('gke_gpu');
    expect(plan.warnings.join(' ')).toMatch(/bills the whole machine a3-highgpu-1g \(26 vCPU, 234Gi, 1 h100\)/);
    expect(plan.warnings.join(' ')).toMatch(/Spot only/);
    expect(planned(planGke(of(1000, 2048, { type: 'h100', count: 8 }))).details).toEqual({ provisioning: 'on_demand' });
  });

  it('names the field that it can’t honour', () => {
    expect(refused(planGke(of(1000, 2048, { type: 'v100', count: 1 })))).toBe('gpu_type');
    expect(refused(planGke(of(1000, 2048, { type: 'constructor', count: 1 })))).toBe('gpu_type');
    expect(planGke(of(1000, 2048, { type: 't4', count: 3 }))).toMatchObject({
      field: 'gpu_count',
      message: 'gke has machines with 1, 2, 4 t4 GPUs, not with 3',
    });
    expect(refused(planGke(of(200_000, 2048, { type: 't4', count: 1 })))).toBe('resource_spec');
  });

  it('leaves room on every machine', () => {
    for (const machine of L4_MACHINES) {
      const room = allocatable(machine);
      expect(room.cpu_millis).toBeLessThan(machine.cpu_millis);
      expect(room.memory_mb).toBeLessThan(machine.memory_mb);
      expect(room.cpu_millis).toBeGreaterThan(machine.cpu_millis * 0.9);
      expect(room.memory_mb).toBeGreaterThan(machine.memory_mb * 0.8);
    }
  });
});

describe('workstations', () => {
  it('is a whole machine', () => {
    expect(planned(planWorkstations(of(250, 512)))).toMatchObject({
      machine_type: 'e2-standard-2',
      cpu_millis: 2000,
      memory_mb: 8192,
    });
    expect(planned(planWorkstations(of(1000, 2048, { type: 'v100', count: 1 }))).machine_type).toBe('n1-standard-4');
    expect(refused(planWorkstations(of(1000, 2048, { type: 'h100', count: 1 })))).toBe('gpu_type');
    expect(refused(planWorkstations(of(1000, 2048, { type: 'v100', count: 3 })))).toBe('gpu_count');
    expect(refused(planWorkstations(of(64_000, 2048)))).toBe('resource_spec');
  });
});

describe('local', () => {
  const host = { cpu_millis: 2000, memory_mb: 4096, gpu_types: [] };

  it('rounds nothing', () => {
    expect(planned(planLocal(of(333, 777)))).toMatchObject({
      cpu_millis: 333,
      memory_mb: 777,
      min_billed_seconds: 0,
      warnings: [],
    });
  });

  it('gives what the machine has and says so, or refuses where that is asked for', () => {
    const plan = planned(planLocal(of(8000, 32_768, { type: 't4', count: 1 }), host));
    expect([plan.cpu_millis, plan.memory_mb, plan.gpu]).toEqual([2000, 4096, null]);
    expect(plan.warnings).toHaveLength(3);
    expect(refused(planLocal(of(8000, 1024), host, true))).toBe('resource_spec');
    expect(refused(planLocal(of(1000, 1024, { type: 't4', count: 1 }), host, true))).toBe('gpu_type');
    expect(planLocal(of(1000, 1024), host, true).ok).toBe(true);
  });

  it('can be billed as if it ran elsewhere', () => {
    const input = of(1000, 2048, { type: 't4', count: 1 });
    const local = planned(planLocal(of(300, 600)));
    expect(shadowPlan(local, of(300, 600), 'gke')).toMatchObject({ shape: 'gke', cpu_millis: 500 });
    const unpriced = shadowPlan(local, input, 'cloud_run');
    expect(missingPrices(unpriced, priceTable())).toEqual(['shape.unpriced']);
    expect(unpriced.warnings[0]).toMatch(/^It has no price as on cloud_run: cloud_run has no t4/);
  });
});

it('finds every machine that it plans with, and the catalogue runs on gke', () => {
  for (const { name } of PACKAGES) {
    const plan = planned(planGke(ofPackage(name)));
    if (plan.machine_type !== null) expect(findMachine(plan.machine_type, plan.gpu)?.name).toBe(plan.machine_type);
  }
  expect(E2_MACHINES.map((machine) => findMachine(machine.name, null))).toEqual(E2_MACHINES);
  expect(findMachine('n1-standard-4', null)).toBeNull();
});

it('never gives less than was asked for, whichever provider', () => {
  const input = fc.record({ cpu: fc.integer({ min: 1, max: 12_000 }), memory: fc.integer({ min: 1, max: 40_000 }) });
  const gpu = fc.option(
    fc.record({ type: fc.constantFrom('t4', 'l4', 'a100', 'h100', 'v100'), count: fc.integer({ min: 1, max: 8 }) }),
    {
      nil: null,
    },
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...(Object.keys(PLANNERS) as (keyof typeof PLANNERS)[])),
      input,
      gpu,
      (provider, asked, card) => {
        const plan = PLANNERS[provider](of(asked.cpu, asked.memory, card));
        if (!plan.ok) {
          expect(['resource_spec', 'gpu_type', 'gpu_count']).toContain(plan.field);
          if (card !== null && plan.field === 'gpu_type') expect(PROVIDER_GPUS[provider]).not.toContain(card.type);
          return;
        }
        expect(plan.cpu_millis).toBeGreaterThanOrEqual(asked.cpu);
        expect(plan.memory_mb).toBeGreaterThanOrEqual(asked.memory);
        expect(plan.gpu).toEqual(card);
      },
    ),
  );
});
