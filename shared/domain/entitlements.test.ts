import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PACKAGES as NAMES } from '#contract/entities/session.ts';
import type { UserType } from './entitlements.ts';
import {
  allowedPackages,
  allowsGpu,
  allowsInherited,
  allowsPackage,
  allowsSize,
  ENTITLEMENTS,
  userTypesWith,
} from './entitlements.ts';
import { GPUS, PACKAGES, packageOf } from './packages.ts';
import { formatCpu, formatMemory } from './sizes.ts';

const names = (type: UserType) => allowedPackages(type).map(({ name }) => name);
const TYPES = Object.keys(ENTITLEMENTS) as UserType[];

describe('the package catalogue', () => {
  it('has every name of the wire once, in its order', () => {
    expect(PACKAGES.map(({ name }) => name)).toEqual(NAMES);
  });

  it.each([
    ['free_micro', '250m', '512Mi', null],
    ['dev_small', '500m', '1Gi', null],
    ['dev_large', '2', '4Gi', null],
    ['ds_large', '4', '8Gi', null],
    ['ml_t4_large', '4', '16Gi', 't4'],
    ['ml_a100_small', '2', '8Gi', 'a100'],
    ['ml_h100_medium', '8', '32Gi', 'h100'],
    ['ml_h100_large', '8', '32Gi', 'h100'],
    ['compute_xlarge', '4', '8Gi', null],
  ] as const)('%s is %s CPU and %s', (name, cpu, memory, gpu) => {
    const entry = packageOf(name);
    expect([formatCpu(entry.cpu_millis), formatMemory(entry.memory_mb)]).toEqual([cpu, memory]);
    expect(entry.gpu).toEqual(gpu === null ? null : { type: gpu, count: 1 });
  });
});

describe('who may have which package', () => {
  it('free and pro have the published lists', () => {
    expect(names('free')).toEqual(['free_micro', 'dev_micro', 'dev_small']);
    expect(names('pro')).toEqual([
      'dev_micro',
      'dev_small',
      'dev_medium',
      'dev_large',
      'ds_small',
      'ds_medium',
      'ml_t4_small',
      'ml_t4_medium',
      'ml_t4_large',
      'compute_small',
      'compute_medium',
    ]);
    expect(names('enterprise')).toEqual(NAMES);
    expect(names('admin')).toEqual(NAMES);
  });

  it('tells who may use a package', () => {
    expect(userTypesWith('free_micro')).toEqual(['free', 'enterprise', 'admin']);
    expect(userTypesWith('ml_t4_small')).toEqual(['pro', 'enterprise', 'admin']);
  });

  it('gives every GPU of an allowed package', () => {
    for (const type of TYPES) {
      for (const { gpu } of allowedPackages(type)) if (gpu !== null) expect(allowsGpu(type, gpu.type)).toBe(true);
    }
    expect(GPUS.filter((gpu) => allowsGpu('pro', gpu))).toEqual(['t4', 'l4']);
    expect(GPUS.filter((gpu) => allowsGpu('free', gpu))).toEqual([]);
  });
});

describe('sizes', () => {
  it('is measured by one package that is large enough in both', () => {
    expect(allowsSize('free', 500, 1024, false)).toBe(true);
    expect(allowsSize('free', 501, 1024, false)).toBe(false);
    expect(allowsSize('free', 500, 1025, false)).toBe(false);
    expect(allowsSize('pro', 2000, 4096, false)).toBe(true);
  });

  it('counts a GPU package only for a session with a GPU', () => {
    expect(allowsSize('pro', 4000, 16_384, false)).toBe(false);
    expect(allowsSize('pro', 4000, 16_384, true)).toBe(true);
    expect(allowsSize('enterprise', 8000, 32_768, false)).toBe(false);
    expect(allowsSize('enterprise', 8000, 32_768, true)).toBe(true);
  });

  it('allows what is smaller than an allowed size, and every own package', () => {
    const size = fc.record({ cpu: fc.integer({ min: 1, max: 9000 }), memory: fc.integer({ min: 1, max: 33_000 }) });
    fc.assert(
      fc.property(fc.constantFrom(...TYPES), size, size, fc.boolean(), (type, a, b, gpu) => {
        if (allowsSize(type, Math.max(a.cpu, b.cpu), Math.max(a.memory, b.memory), gpu)) {
          expect(allowsSize(type, a.cpu, a.memory, gpu)).toBe(true);
        }
      }),
    );
    for (const type of TYPES) {
      for (const entry of allowedPackages(type)) {
        expect(allowsSize(type, entry.cpu_millis, entry.memory_mb, entry.gpu !== null)).toBe(true);
      }
    }
  });
});

describe('a package that a workspace already has', () => {
  it('outlives a move up, not a move down', () => {
    expect(allowsPackage('pro', 'free_micro')).toBe(false);
    expect(allowsInherited('pro', 'free_micro')).toBe(true);
    expect(allowsInherited('pro', 'ml_h100_small')).toBe(false);
    expect(allowsInherited('free', 'dev_medium')).toBe(false);
    expect(allowsInherited('free', 'dev_small')).toBe(true);
  });
});
