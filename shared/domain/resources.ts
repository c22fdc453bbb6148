import type { FieldError } from '#contract/errors.ts';
import type { Gpu, PackageName } from './packages.ts';
import { GPUS, isPackageName, packageOf } from './packages.ts';
import type { Parsed, Size } from './sizes.ts';
import { CPU_SIZES, formatCpu, formatMemory, MEMORY_SIZES, parseCpu, parseMemory, TIERS } from './sizes.ts';

type Maybe<T> = T | null | undefined;

/** The part of a create body that says how large a session is. Null and left out mean the same. */
export interface ResourceRequest {
  readonly resource_spec?: Maybe<ResourceSpecRequest>;
  readonly resource_package?: Maybe<string>;
  readonly resource_tier?: Maybe<string>;
  readonly gpu_spec?: Maybe<GpuRequest>;
  readonly gpu_type?: Maybe<string>;
  readonly gpu_count?: Maybe<number>;
}

interface ResourceSpecRequest {
  readonly cpu_size?: Maybe<string>;
  readonly memory_size?: Maybe<string>;
  readonly custom_cpu_request?: Maybe<string>;
  readonly custom_cpu_limit?: Maybe<string>;
  readonly custom_memory_request?: Maybe<string>;
  readonly custom_memory_limit?: Maybe<string>;
}

interface GpuRequest {
  readonly gpu_type?: Maybe<string>;
  readonly gpu_count?: Maybe<number>;
}

/** Which of the four decided CPU and memory. The entitlement is checked against it. */
type ResourceSource = 'resource_spec' | 'resource_package' | 'resource_tier' | 'workspace';

export interface Resources {
  readonly source: ResourceSource;
  /** The package that supplies defaults: the requested one, otherwise the workspace's. */
  readonly package: PackageName;
  readonly cpu_request_millis: number;
  readonly cpu_limit_millis: number;
  readonly memory_request_mb: number;
  readonly memory_limit_mb: number;
  readonly gpu: Gpu | null;
}

export type ResourcesResult =
  | { readonly ok: true; readonly resources: Resources }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

interface Amount {
  readonly request: number;
  readonly limit: number;
}

interface Dimension {
  readonly name: 'cpu' | 'memory';
  readonly sizes: Readonly<Record<string, number>>;
  readonly parse: (text: string) => Parsed;
  readonly format: (value: number) => string;
}

const CPU: Dimension = { name: 'cpu', sizes: CPU_SIZES, parse: parseCpu, format: formatCpu };
const MEMORY: Dimension = { name: 'memory', sizes: MEMORY_SIZES, parse: parseMemory, format: formatMemory };

const isGiven = <T>(value: Maybe<T>): value is T => value !== null && value !== undefined;

/** Looks at own properties only, so that "constructor" is not a size. */
const lookUp = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** One dimension of a resource_spec, with its default. */
const resolveAmount = (
  kind: Dimension,
  size: Maybe<string>,
  customRequest: Maybe<string>,
  customLimit: Maybe<string>,
  behind: number,
  errors: FieldError[],
): Amount => {
  const field = (name: string): string => `resource_spec.${name}`;
  const read = (name: string, text: Maybe<string>): number | null => {
    if (!isGiven(text)) return null;
    const parsed = kind.parse(text);
    if (parsed.ok) return parsed.value;
    errors.push({ field: field(name), message: parsed.message });
    return null;
  };
  const before = errors.length;
  const request = read(`custom_${kind.name}_request`, customRequest);
  const limit = read(`custom_${kind.name}_limit`, customLimit);
  if (size === 'custom' && !isGiven(customRequest) && !isGiven(customLimit)) {
    errors.push({
      field: field(`custom_${kind.name}_request`),
      message: `is needed where ${kind.name}_size is custom`,
    });
  }
  const named = isGiven(size) && size !== 'custom' ? lookUp(kind.sizes, size) : undefined;
  if (isGiven(size) && size !== 'custom' && named === undefined) {
    const names = [...Object.keys(kind.sizes), 'custom'].join(', ');
    errors.push({ field: field(`${kind.name}_size`), message: `"${size}" is not one of ${names}` });
  }
  if (errors.length > before) return { request: behind, limit: behind };
  // If only a limit is given, the default request is reduced to it, so that a request never exceeds its limit.
  const wanted = request ?? named ?? (limit === null ? behind : Math.min(behind, limit));
  if (limit !== null && limit < wanted) {
    const message = `${kind.format(limit)} is less than the request of ${kind.format(wanted)}`;
    errors.push({ field: field(`custom_${kind.name}_limit`), message });
  }
  return { request: wanted, limit: limit ?? wanted };
};

/** gpu_spec, else gpu_type and gpu_count, else the package's; `none` removes. */
const resolveGpu = (asked: ResourceRequest, fromPackage: Gpu | null, errors: FieldError[]): Gpu | null => {
  const spec = asked.gpu_spec;
  const inSpec = isGiven(spec) && (isGiven(spec.gpu_type) || isGiven(spec.gpu_count));
  const { gpu_type, gpu_count } = inSpec ? spec : asked;
  const prefix = inSpec ? 'gpu_spec.' : '';
  if (gpu_type === 'none') return null;
  if (isGiven(gpu_type) && !GPUS.some((known) => known === gpu_type)) {
    errors.push({ field: `${prefix}gpu_type`, message: `"${gpu_type}" is not one of none, ${GPUS.join(', ')}` });
    return null;
  }
  if (isGiven(gpu_count) && !(Number.isInteger(gpu_count) && gpu_count >= 1 && gpu_count <= 8)) {
    errors.push({ field: `${prefix}gpu_count`, message: 'must be a whole number from 1 to 8' });
    return null;
  }
  const type = gpu_type ?? fromPackage?.type;
  if (type === undefined) {
    if (isGiven(gpu_count)) {
      errors.push({ field: `${prefix}gpu_type`, message: 'is needed beside gpu_count, as the package has no GPU' });
    }
    return null;
  }
  return { type, count: gpu_count ?? (type === fromPackage?.type ? fromPackage.count : 1) };
};

/**
 * How large a session is: resource_spec over resource_package over resource_tier over the workspace's package.
 * A `custom_*` value wins over the size beside it, a missing limit is the request, and what is left out comes from
 * the next in that order. Errors name the fields; nothing is thrown.
 */
export const resolveResources = (asked: ResourceRequest, workspacePackage: PackageName): ResourcesResult => {
  const errors: FieldError[] = [];
  const { resource_spec: spec, resource_package, resource_tier } = asked;
  if (isGiven(resource_package) && !isPackageName(resource_package)) {
    errors.push({
      field: 'resource_package',
      message: `"${resource_package}" is not a package; GET /v1/packages lists them`,
    });
  }
  const tier = isGiven(resource_tier) ? lookUp<Size>(TIERS, resource_tier) : null;
  if (tier === undefined) {
    errors.push({
      field: 'resource_tier',
      message: `"${resource_tier}" is not one of ${Object.keys(TIERS).join(', ')}`,
    });
  }
  const asks = isGiven(resource_package) && isPackageName(resource_package) ? resource_package : null;
  const base = packageOf(asks ?? workspacePackage);
  const behind = asks === null && tier ? tier : base;
  const cpu = resolveAmount(
    CPU,
    spec?.cpu_size,
    spec?.custom_cpu_request,
    spec?.custom_cpu_limit,
    behind.cpu_millis,
    errors,
  );
  const memory = resolveAmount(
    MEMORY,
    spec?.memory_size,
    spec?.custom_memory_request,
    spec?.custom_memory_limit,
    behind.memory_mb,
    errors,
  );
  const gpu = resolveGpu(asked, base.gpu, errors);
  if (errors.length > 0) return { ok: false, errors };
  const specified = isGiven(spec) && Object.values(spec).some(isGiven);
  const named: ResourceSource = asks !== null ? 'resource_package' : tier ? 'resource_tier' : 'workspace';
  const resources: Resources = {
    source: specified ? 'resource_spec' : named,
    package: base.name,
    cpu_request_millis: cpu.request,
    cpu_limit_millis: cpu.limit,
    memory_request_mb: memory.request,
    memory_limit_mb: memory.limit,
    gpu,
  };
  return { ok: true, resources };
};
