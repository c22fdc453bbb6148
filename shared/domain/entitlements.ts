import type { UserType } from '#contract/entities/user.ts';
import type { GpuType, PackageName, ResourcePackage } from './packages.ts';
import { GPUS, PACKAGES, packageOf } from './packages.ts';

export type { UserType };

/** What a type of user may have. Storage limits are per workspace. */
export interface Entitlement {
  readonly workspaces: number;
  /** Names, or prefixes that end in `*`. */
  readonly packages: readonly string[];
  readonly gpu_types: readonly GpuType[];
  readonly sharing: boolean;
  readonly cross_namespace: boolean;
  readonly concurrent_sessions: number;
  readonly buckets: number;
  readonly volumes: number;
  readonly storage_gb: number;
}

export const ENTITLEMENTS: Readonly<Record<UserType, Entitlement>> = {
  free: {
    workspaces: 1,
    packages: ['free_micro', 'dev_micro', 'dev_small'],
    gpu_types: [],
    sharing: false,
    cross_namespace: false,
    concurrent_sessions: 2,
    buckets: 1,
    volumes: 1,
    storage_gb: 50,
  },
  pro: {
    workspaces: 5,
    packages: ['dev_*', 'ds_small', 'ds_medium', 'ml_t4_*', 'compute_small', 'compute_medium'],
    gpu_types: ['t4', 'l4'],
    sharing: true,
    cross_namespace: true,
    concurrent_sessions: 10,
    buckets: 5,
    volumes: 3,
    storage_gb: 500,
  },
  enterprise: {
    workspaces: 20,
    packages: ['*'],
    gpu_types: GPUS,
    sharing: true,
    cross_namespace: true,
    concurrent_sessions: 200,
    buckets: 100,
    volumes: 50,
    storage_gb: 10_240,
  },
  admin: {
    workspaces: 1000,
    packages: ['*'],
    gpu_types: GPUS,
    sharing: true,
    cross_namespace: true,
    concurrent_sessions: 1000,
    buckets: 1000,
    volumes: 1000,
    storage_gb: 102_400,
  },
};

/** The package of the workspace `default`, which a user gets at the first session without a workspace. */
export const DEFAULT_WORKSPACE_PACKAGE: Readonly<Record<UserType, PackageName>> = {
  free: 'free_micro',
  pro: 'dev_medium',
  enterprise: 'dev_medium',
  admin: 'dev_medium',
};

const matches = (name: string, pattern: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

/** The packages that a user of this type may ask for, in the catalogue's order. */
export const allowedPackages = (type: UserType): readonly ResourcePackage[] =>
  PACKAGES.filter(({ name }) => ENTITLEMENTS[type].packages.some((pattern) => matches(name, pattern)));

export const allowsPackage = (type: UserType, name: PackageName): boolean =>
  ENTITLEMENTS[type].packages.some((pattern) => matches(name, pattern));

export const allowsGpu = (type: UserType, gpu: string): boolean =>
  ENTITLEMENTS[type].gpu_types.some((allowed) => allowed === gpu);

/** One package the user may have is at least as large; one with a GPU counts only for a session with a GPU. */
export const allowsSize = (type: UserType, cpu_millis: number, memory_mb: number, hasGpu: boolean): boolean =>
  allowedPackages(type).some(
    (entry) => (entry.gpu === null || hasGpu) && entry.cpu_millis >= cpu_millis && entry.memory_mb >= memory_mb,
  );

/** User types that may use a package. */
export const userTypesWith = (name: PackageName): readonly UserType[] =>
  (Object.keys(ENTITLEMENTS) as UserType[]).filter((type) => allowsPackage(type, name));

/**
 * Whether a workspace may go on using the package it already has. A workspace keeps what was legitimately given:
 * a user who moves up from `free` may use its small package, a user who moves down may not keep a large one.
 */
export const allowsInherited = (type: UserType, name: PackageName): boolean => {
  const inherited = packageOf(name);
  if (inherited.gpu !== null && !allowsGpu(type, inherited.gpu.type)) return false;
  return (
    allowsPackage(type, name) || allowsSize(type, inherited.cpu_millis, inherited.memory_mb, inherited.gpu !== null)
  );
};
