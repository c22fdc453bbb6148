import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PACKAGES } from './packages.ts';
import type { ResourceRequest } from './resources.ts';
import { resolveResources } from './resources.ts';

const resolved = (asked: ResourceRequest, workspace = 'dev_medium' as const) => {
  const result = resolveResources(asked, workspace);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.resources;
};
const errors = (asked: ResourceRequest) => {
  const result = resolveResources(asked, 'dev_medium');
  return result.ok ? [] : result.errors;
};

describe('the priority of sizes', () => {
  it('spec over package over tier over workspace', () => {
    const all: ResourceRequest = {
      resource_spec: { cpu_size: 'xxlarge' },
      resource_package: 'ds_large',
      resource_tier: 'small',
    };
    expect(resolved(all)).toMatchObject({ source: 'resource_spec', package: 'ds_large', cpu_request_millis: 8000 });
    expect(resolved({ ...all, resource_spec: null })).toMatchObject({
      source: 'resource_package',
      cpu_request_millis: 4000,
    });
    expect(resolved({ resource_tier: 'small' })).toMatchObject({ source: 'resource_tier', cpu_request_millis: 500 });
    expect(resolved({})).toMatchObject({ source: 'workspace', package: 'dev_medium', memory_limit_mb: 2048 });
  });

  it('takes what a spec leaves out from the next in that order', () => {
    const spec = { cpu_size: 'micro' };
    expect(resolved({ resource_spec: spec, resource_package: 'ds_large' }).memory_request_mb).toBe(8192);
    expect(resolved({ resource_spec: spec, resource_tier: 'xlarge' }).memory_request_mb).toBe(8192);
    expect(resolved({ resource_spec: spec }).memory_request_mb).toBe(2048);
    expect(resolved({ resource_spec: {} }).source).toBe('workspace');
  });

  it('lets custom values win over the size beside them, and makes a missing limit the request', () => {
    const resources = resolved({
      resource_spec: {
        cpu_size: 'medium',
        memory_size: 'large',
        custom_cpu_request: '1.5',
        custom_memory_request: '6Gi',
      },
    });
    expect(resources).toMatchObject({
      cpu_request_millis: 1500,
      cpu_limit_millis: 1500,
      memory_request_mb: 6144,
      memory_limit_mb: 6144,
    });
    expect(resolved({ resource_spec: { cpu_size: 'small', custom_cpu_limit: '2' } })).toMatchObject({
      cpu_request_millis: 500,
      cpu_limit_millis: 2000,
    });
  });

  it('lowers what comes from the package to a limit given alone', () => {
    expect(resolved({ resource_spec: { custom_cpu_limit: '250m' } })).toMatchObject({
      cpu_request_millis: 250,
      cpu_limit_millis: 250,
    });
  });
});

describe('the GPU', () => {
  it('is the package’s, unless another or none is asked for', () => {
    const ml = { resource_package: 'ml_t4_large' };
    expect(resolved(ml).gpu).toEqual({ type: 't4', count: 1 });
    expect(resolved({ ...ml, gpu_type: 'none' }).gpu).toBeNull();
    expect(resolved({ ...ml, gpu_type: 't4', gpu_count: 2 }).gpu).toEqual({ type: 't4', count: 2 });
    expect(resolved({ ...ml, gpu_count: 2 }).gpu).toEqual({ type: 't4', count: 2 });
    expect(resolved({ ...ml, gpu_type: 't4', gpu_spec: { gpu_type: 'l4', gpu_count: 4 } }).gpu).toEqual({
      type: 'l4',
      count: 4,
    });
    expect(resolved({ ...ml, gpu_type: 'a100', gpu_spec: { gpu_type: 'none' } }).gpu).toBeNull();
    expect(resolved({ gpu_type: 'none', gpu_count: 1 }).gpu).toBeNull();
  });

  it('is untouched by a resource_spec', () => {
    const asked = { resource_spec: { cpu_size: 'small', memory_size: 'small' }, resource_package: 'ml_a100_small' };
    expect(resolved(asked)).toMatchObject({ cpu_request_millis: 500, gpu: { type: 'a100', count: 1 } });
  });
});

describe('errors name their field', () => {
  it.each([
    [{ resource_package: 'huge' }, 'resource_package'],
    [{ resource_tier: 'constructor' }, 'resource_tier'],
    [{ resource_spec: { cpu_size: 'toString' } }, 'resource_spec.cpu_size'],
    [{ resource_spec: { cpu_size: 'custom' } }, 'resource_spec.custom_cpu_request'],
    [{ resource_spec: { custom_memory_request: '6GB' } }, 'resource_spec.custom_memory_request'],
    [{ resource_spec: { cpu_size: 'large', custom_cpu_limit: '1' } }, 'resource_spec.custom_cpu_limit'],
    [{ gpu_type: 'tpu' }, 'gpu_type'],
    [{ gpu_count: 2 }, 'gpu_type'],
    [{ gpu_type: 't4', gpu_count: 9 }, 'gpu_count'],
    [{ gpu_spec: { gpu_type: 't4', gpu_count: 0 } }, 'gpu_spec.gpu_count'],
  ])('%j', (asked, field) => expect(errors(asked).map((error) => error.field)).toEqual([field]));

  it('names all of them at once', () => {
    const fields = errors({ resource_spec: { custom_cpu_request: 'x', custom_memory_limit: 'y' }, gpu_type: 'z' });
    expect(fields.map(({ field }) => field)).toEqual([
      'resource_spec.custom_cpu_request',
      'resource_spec.custom_memory_limit',
      'gpu_type',
    ]);
  });

  it('says by how much a limit falls short', () => {
    expect(errors({ resource_spec: { cpu_size: 'large', custom_cpu_limit: '500m' } })).toEqual([
      { field: 'resource_spec.custom_cpu_limit', message: '500m is less than the request of 2' },
    ]);
  });
});

it('never throws, and never resolves a limit below its request', () => {
  const text = fc.oneof(
    fc.constantFrom('micro', 'custom', '1.5', '250m', '6Gi', '512Mi', '0', ''),
    fc.string({ maxLength: 8 }),
  );
  const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
  const asked = fc.record({
    resource_spec: maybe(
      fc.record({
        cpu_size: maybe(text),
        memory_size: maybe(text),
        custom_cpu_request: maybe(text),
        custom_cpu_limit: maybe(text),
        custom_memory_request: maybe(text),
        custom_memory_limit: maybe(text),
      }),
    ),
    resource_package: maybe(fc.constantFrom(...PACKAGES.map(({ name }) => name), 'nope')),
    resource_tier: maybe(fc.constantFrom('small', 'xlarge', 'nope')),
    gpu_type: maybe(fc.constantFrom('none', 't4', 'nope')),
    gpu_count: maybe(fc.integer({ min: -1, max: 10 })),
  });
  fc.assert(
    fc.property(asked, fc.constantFrom(...PACKAGES.map(({ name }) => name)), (request, workspace) => {
      const result = resolveResources(request, workspace);
      if (!result.ok) {
        expect(result.errors.length).toBeGreaterThan(0);
        return;
      }
      const found = result.resources;
      expect(found.cpu_limit_millis).toBeGreaterThanOrEqual(found.cpu_request_millis);
      expect(found.memory_limit_mb).toBeGreaterThanOrEqual(found.memory_request_mb);
      expect(found.cpu_request_millis).toBeGreaterThan(0);
      expect(found.memory_request_mb).toBeGreaterThan(0);
    }),
  );
});
