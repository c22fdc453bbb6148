import type { ErrorCode } from '#contract/errors.ts';
import type { Entitlement, UserType } from './entitlements.ts';
import { allowsGpu, allowsInherited, allowsPackage, allowsSize, ENTITLEMENTS } from './entitlements.ts';
import type { PackageName } from './packages.ts';
import type { Resources } from './resources.ts';
import { formatCpu, formatMemory } from './sizes.ts';

/** The verdict. A refusal has the error code, the field that asks for too much, and the sentence for the caller. */
export type Verdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: ErrorCode; readonly field: string; readonly message: string };

const YES: Verdict = { ok: true };
const no = (code: ErrorCode, field: string, message: string): Verdict => ({ ok: false, code, field, message });

/** Sentence known to v3 clients, word for word. */
const packageDenied = (user: string, name: string): string =>
  `User ${user} cannot create workspace with package ${name.toUpperCase()}`;
/** Sentence known to v3 clients, word for word. */
const storageDenied = (workspace_id: string): string => `Workspace ${workspace_id} cannot allocate requested storage`;
/** Sentence known to v3 clients, word for word. */
const gpuDenied = (gpu: string, type: UserType): string =>
  `GPU type ${gpu.toUpperCase()} not available for user type ${type.toUpperCase()}`;

/** A workspace's package, by the owner's type. */
export const decidePackage = (user: string, type: UserType, name: PackageName): Verdict =>
  allowsPackage(type, name) ? YES : no('entitlement_denied', 'resource_package', packageDenied(user, name));

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
const there = (n: number): string => `${n} ${n === 1 ? 'is' : 'are'}`;

/** One more named workspace; `retained` deleted ones whose data is still kept are among `used`. */
export const decideWorkspaces = (type: UserType, used: number, retained: number): Verdict => {
  const limit = ENTITLEMENTS[type].workspaces;
  if (used < limit) return YES;
  const kept =
    retained > 0
      ? ` Of them ${there(retained)} deleted with data still kept: DELETE ?force=true removes it at once.`
      : ' Delete one, or ask an administrator for another user type.';
  return no(
    'quota_exceeded',
    'workspace_id',
    `User type ${type.toUpperCase()} may have ${count(limit, 'workspace')}, and ${there(used)} there.${kept}`,
  );
};

/** One more session at once; `limit` is the user's own where set. */
export const decideSessions = (type: UserType, own_limit: number | null, live: number): Verdict => {
  const limit = own_limit ?? ENTITLEMENTS[type].concurrent_sessions;
  return live < limit
    ? YES
    : no(
        'quota_exceeded',
        'user',
        `At most ${count(limit, 'session')} at once may be live, and ${there(live)}. End one, then try again.`,
      );
};

/** Without cross-namespace, all live sessions of a user are in one namespace. */
export const decideNamespace = (type: UserType, live_namespaces: readonly string[], namespace: string): Verdict => {
  const other = live_namespaces.find((live) => live !== namespace);
  if (ENTITLEMENTS[type].cross_namespace || other === undefined) return YES;
  const message = `User type ${type.toUpperCase()} has its live sessions in one namespace, and that is ${other} now; use it or end those sessions.`;
  return no('entitlement_denied', 'namespace', message);
};

export const decideSharing = (type: UserType): Verdict =>
  ENTITLEMENTS[type].sharing
    ? YES
    : no('entitlement_denied', 'member_id', `User type ${type.toUpperCase()} cannot share workspaces.`);

const sizeOf = (resources: Resources): string =>
  `${formatCpu(resources.cpu_limit_millis)} CPU and ${formatMemory(resources.memory_limit_mb)}`;

/** A session's package or size, and its GPU, by the entitlements of the workspace's owner. */
export const decideResources = (type: UserType, resources: Resources): Verdict => {
  const { source, gpu } = resources;
  if (gpu !== null && !allowsGpu(type, gpu.type))
    return no('entitlement_denied', 'gpu_type', gpuDenied(gpu.type, type));
  const name = resources.package.toUpperCase();
  if (source === 'workspace') {
    return allowsInherited(type, resources.package)
      ? YES
      : no(
          'entitlement_denied',
          'resource_package',
          `User type ${type.toUpperCase()} may no longer use the workspace’s package ${name}; ask for a smaller resource_package.`,
        );
  }
  if (source === 'resource_package') {
    return allowsPackage(type, resources.package)
      ? YES
      : no(
          'entitlement_denied',
          'resource_package',
          `User type ${type.toUpperCase()} may not use package ${name}; GET /v1/packages says which it may.`,
        );
  }
  return allowsSize(type, resources.cpu_limit_millis, resources.memory_limit_mb, gpu !== null)
    ? YES
    : no(
        'entitlement_denied',
        source,
        `User type ${type.toUpperCase()} has no package as large as ${sizeOf(resources)}${gpu === null ? ' without a GPU' : ''}.`,
      );
};

/** Storage of a workspace, including storage that is being deleted but still kept. */
export interface StorageUse {
  readonly volumes: number;
  readonly buckets: number;
  readonly storage_gb: number;
}

/** Whether `more` fits beside `used` in one workspace. */
export const decideStorage = (type: UserType, workspace_id: string, used: StorageUse, more: StorageUse): Verdict => {
  const limits: Entitlement = ENTITLEMENTS[type];
  const over =
    (more.volumes > 0 && used.volumes + more.volumes > limits.volumes && 'request_persistent_storage') ||
    (more.buckets > 0 && used.buckets + more.buckets > limits.buckets && 'request_bucket') ||
    (more.storage_gb > 0 &&
      used.storage_gb + more.storage_gb > limits.storage_gb &&
      (more.volumes > 0 || more.buckets === 0 ? 'persistent_storage_size_gb' : 'bucket_size_gb'));
  return over ? no('storage_exceeded', over, storageDenied(workspace_id)) : YES;
};
