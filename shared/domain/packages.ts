import type { IMAGE_TYPES, PackageName } from '#contract/entities/session.ts';
import { GPU_TYPES, PACKAGES as NAMES } from '#contract/entities/session.ts';

export type { PackageName };
export type GpuType = Exclude<(typeof GPU_TYPES)[number], 'none'>;
export type ImageType = (typeof IMAGE_TYPES)[number];

export interface Gpu {
  readonly type: string;
  readonly count: number;
}

/** A named size that a workspace or a session has. */
export interface ResourcePackage {
  readonly name: PackageName;
  readonly cpu_millis: number;
  readonly memory_mb: number;
  readonly gpu: { readonly type: GpuType; readonly count: number } | null;
  /** The image of a session that names neither an image nor a template. */
  readonly default_image: ImageType;
}

const row = (
  cpu_millis: number,
  memory_gib: number,
  gpu: GpuType | null,
  default_image: ImageType,
): Omit<ResourcePackage, 'name'> => ({
  cpu_millis,
  memory_mb: memory_gib * 1024,
  gpu: gpu === null ? null : { type: gpu, count: 1 },
  default_image,
});

const TABLE: Readonly<Record<PackageName, Omit<ResourcePackage, 'name'>>> = {
  //                CPU millis, GiB, GPU, default image
  free_micro: row(250, 0.5, null, 'alpine'),
  dev_micro: row(250, 0.5, null, 'alpine'),
  dev_small: row(500, 1, null, 'ubuntu'),
  dev_medium: row(1000, 2, null, 'python'),
  dev_large: row(2000, 4, null, 'python'),
  ds_small: row(1000, 2, null, 'python'),
  ds_medium: row(2000, 4, null, 'python'),
  ds_large: row(4000, 8, null, 'python'),
  ml_t4_small: row(1000, 4, 't4', 'python'),
  ml_t4_medium: row(2000, 8, 't4', 'python'),
  ml_t4_large: row(4000, 16, 't4', 'python'),
  ml_a100_small: row(2000, 8, 'a100', 'cuda_enterprise'),
  ml_a100_medium: row(4000, 16, 'a100', 'cuda_enterprise'),
  ml_a100_large: row(8000, 32, 'a100', 'cuda_enterprise'),
  ml_h100_small: row(4000, 16, 'h100', 'cuda_enterprise'),
  ml_h100_medium: row(8000, 32, 'h100', 'cuda_enterprise'),
  ml_h100_large: row(8000, 32, 'h100', 'cuda_enterprise'),
  compute_small: row(500, 1, null, 'ubuntu'),
  compute_medium: row(1000, 2, null, 'python'),
  compute_large: row(2000, 4, null, 'python'),
  compute_xlarge: row(4000, 8, null, 'python'),
};

/** The closed catalogue, in its published order. */
export const PACKAGES: readonly ResourcePackage[] = NAMES.map((name) => ({ name, ...TABLE[name] }));

/** GPU types that can be asked for (`none` removes a package's). */
export const GPUS: readonly GpuType[] = GPU_TYPES.filter((type) => type !== 'none');

export const isPackageName = (name: string): name is PackageName => Object.hasOwn(TABLE, name);

export const packageOf = (name: PackageName): ResourcePackage => ({ name, ...TABLE[name] });
