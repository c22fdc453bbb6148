import { describe, expect, it } from 'vitest';
import { openIdeal } from '../../../../test/simulation/world/ideal.ts';
import { type PlannedProvider, planOn } from '#domain/plans.ts';
import type { Resources } from '#domain/resources.ts';
import type { Compute, ComputeSpec } from '#ports/compute.ts';
import { computesOf } from '#wiring/providers.ts';
import { type HeldKinds, place, specOf } from './place.ts';

const START = Date.parse('2026-03-16T10:00:00.000Z');

const SMALL: Resources = {
  ...{ source: 'resource_package', package: 'dev_small', gpu: null },
  ...{ cpu_request_millis: 500, cpu_limit_millis: 750, memory_request_mb: 1024, memory_limit_mb: 1536 },
};
const WITH_L4: Resources = {
  ...{ source: 'resource_spec', package: 'dev_small', gpu: { type: 'l4', count: 1 } },
  ...{ cpu_request_millis: 2000, cpu_limit_millis: 2000, memory_request_mb: 8192, memory_limit_mb: 8192 },
};
const IMAGE = { type: 'python', url: null, tag: null } as const;
const NOTHING: HeldKinds = { volume: null, bucket: null };

const world = openIdeal(START);
const base = world.deps.computes.all[0] as Compute;

/** A driver that plans as its provider does, and notes what it was asked to plan. */
const driver = (name: PlannedProvider, volume_kind: string, bucket_kind: string, planned: ComputeSpec[]): Compute => ({
  ...base,
  driver: name,
  capabilities: { ...base.capabilities, volume_kind, bucket_kind },
  plan: (spec) => {
    planned.push(spec);
    return planOn(name, spec);
  },
});

/** Cloud Run is preferred over GKE; Workstations are off. */
const opened = () => {
  const planned: Record<'cloud_run' | 'gke', ComputeSpec[]> = { cloud_run: [], gke: [] };
  const computes = computesOf(
    [
      { compute: driver('cloud_run', 'nfs', 'gcs', planned.cloud_run), names: ['cloud_run', 'auto'] },
      { compute: driver('gke', 'pvc', 'csi', planned.gke), names: ['gke', 'auto'] },
    ],
    { workstations: 'no cluster is set up' },
  );
  const on = (provider: string, resources = SMALL, life_minutes = 60, held = NOTHING) => {
    const at = { session_id: 'ses-1', owner: 'ann', workspace_id: 'default', provider, life_minutes };
    const spec = specOf(at, resources, IMAGE, { volume: null, buckets: [] });
    return place({ ...world.deps, computes }, spec, START + life_minutes * 60_000, held);
  };
  return { on, planned };
};

/** What was thrown: its code, the fields that it names and its sentence. */
const refusal = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    const { code, message, details } = error as { code: string; message: string; details: { errors?: unknown } };
    return { code, message, errors: details.errors };
  }
  return null;
};

it('asks a driver for what was decided, with room for what is written outside of the volume', () => {
  const { on, planned } = opened();
  on('gke');
  expect(planned.gke).toEqual([
    {
      ...{ session_id: 'ses-1', owner: 'ann', workspace_id: 'default', provider: 'gke', life_minutes: 60 },
      ...{ cpu_request_millis: 500, cpu_limit_millis: 750, memory_request_mb: 1024, memory_limit_mb: 1536, gpu: null },
      ...{ image: IMAGE, disk_mb: 10_240, volume: null, buckets: [], network: 'default' },
      deadline: { at: START + 3_600_000, generation: 1 },
    },
  ]);
});

it('takes the first driver that serves the name', () => {
  const { on, planned } = opened();
  expect(on('auto').compute.driver).toBe('cloud_run');
  expect(on('gke').compute.driver).toBe('gke');
  expect(on('gke').plan).toMatchObject({ shape: 'gke', cpu_millis: 500, memory_mb: 1024 });
  expect(planned.cloud_run).toHaveLength(1);
});

it('takes the next driver where the first does not give so long a life', () => {
  const { on } = opened();
  expect(on('auto', WITH_L4, 60).compute.driver).toBe('cloud_run');
  expect(on('auto', WITH_L4, 61)).toMatchObject({
    compute: { driver: 'gke' },
    plan: { machine_type: 'g2-standard-4' },
  });
  expect(refusal(() => on('cloud_run', WITH_L4, 61))).toEqual({
    code: 'invalid',
    message: 'ttl_minutes: cloud_run allows such a session at most 60 minutes',
    errors: [{ field: 'ttl_minutes', message: 'cloud_run allows such a session at most 60 minutes' }],
  });
});

it('answers what the preferred driver says where none can run it', () => {
  const { on } = opened();
  const huge = { ...SMALL, cpu_request_millis: 64_000, cpu_limit_millis: 64_000 };
  expect(refusal(() => on('auto', huge))).toMatchObject({
    code: 'invalid',
    message: expect.stringMatching(/^resource_spec: cloud_run gives at most 8 vCPU and 32Gi of memory/),
  });
});

describe('storage that exists', () => {
  it.each([
    { held: { volume: 'pvc', bucket: null }, placed: 'gke' },
    { held: { volume: 'nfs', bucket: null }, placed: 'cloud_run' },
    { held: { volume: null, bucket: 'gcs' }, placed: 'cloud_run' },
    { held: { volume: null, bucket: 'csi' }, placed: 'gke' },
    { held: { volume: 'pvc', bucket: 'csi' }, placed: 'gke' },
  ])('takes its session to a driver that mounts it: $held', ({ held, placed }) => {
    expect(opened().on('auto', SMALL, 60, held).compute.driver).toBe(placed);
  });

  it('keeps its session from a driver that does not mount it, whatever that could run', () => {
    const { on, planned } = opened();
    expect(refusal(() => on('cloud_run', SMALL, 60, { volume: 'pvc', bucket: null }))).toMatchObject({
      code: 'conflict',
      message: 'cloud_run can’t mount the workspace’s volume of kind pvc. Ask for auto or gke.',
    });
    expect(planned).toEqual({ cloud_run: [], gke: [] });
  });

  it('is named with what to do where no driver mounts it', () => {
    const { on } = opened();
    expect(refusal(() => on('auto', SMALL, 60, { volume: null, bucket: 'local' }))).toMatchObject({
      code: 'conflict',
      message: 'auto can’t mount the workspace’s bucket of kind local. Ask for other names in storage_config.',
    });
    // Each of two drivers mounts one of them.
    expect(refusal(() => on('auto', SMALL, 60, { volume: 'pvc', bucket: 'gcs' }))).toMatchObject({
      message: expect.stringMatching(/^auto can’t mount the workspace’s volume of kind pvc and bucket of kind gcs\./),
    });
  });
});

it('says why a provider is off, and which ones are on', () => {
  const message = 'workstations is off: no cluster is set up. On: auto, gke, cloud_run';
  expect(refusal(() => opened().on('workstations'))).toEqual({
    code: 'invalid',
    message: `provider: ${message}`,
    errors: [{ field: 'provider', message }],
  });
});
