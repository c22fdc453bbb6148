import type { z } from 'zod';
import type { SessionCreate } from '#contract/entities/session.ts';
import { invalidField, Problem } from '#contract/errors.ts';
import { type ResolvedImage, resolveImage } from '#domain/images.ts';
import type { PackageName } from '#domain/packages.ts';
import { type Resources, resolveResources } from '#domain/resources.ts';
import { DEFAULT_TTL_MINUTES } from '#domain/ttl.ts';
import { actingUser, confinementOf, refuseSessionKeys } from '../../kernel/access.ts';
import type { Call } from '../../kernel/call.ts';
import type { StorageRequest } from '../../storage/reserve.ts';
import { DEFAULT_WORKSPACE } from '../../workspaces/default.ts';
import { unusedFields } from './unused.ts';

export type CreateInput = z.infer<typeof SessionCreate>;

const DEFAULT_STORAGE_GB = 10;
const DEFAULT_STORAGE_NAME = 'default';

/** What a create body asks for, as far as it can be told without the store. */
export interface CreateRequest {
  readonly user: string;
  readonly owner: string;
  readonly workspace_id: string;
  readonly namespace: string;
  readonly provider: string;
  readonly ttl_minutes: number;
  readonly volume: StorageRequest | null;
  readonly bucket: StorageRequest | null;
  /** Fields that have no effect, each with a sentence. */
  readonly warnings: readonly string[];
}

/** @throws Problem forbidden, invalid */
export const parseCreate = (call: Call, input: CreateInput, longest_life_minutes: number): CreateRequest => {
  refuseSessionKeys(call);
  const user = actingUser(call, input.user, 'user');
  const confined = confinementOf(call.actor);
  const ttl_minutes = input.ttl_minutes ?? Math.min(DEFAULT_TTL_MINUTES, longest_life_minutes);
  if (ttl_minutes > longest_life_minutes) throw invalidField('ttl_minutes', `is at most ${longest_life_minutes} here`);
  // A size requests the storage too, unless it is explicitly not requested.
  const wantsVolume = input.request_persistent_storage ?? typeof input.persistent_storage_size_gb === 'number';
  const wantsBucket = input.request_bucket ?? typeof input.bucket_size_gb === 'number';
  return {
    user,
    owner: input.workspace_owner ?? confined?.owner ?? user,
    workspace_id: input.workspace_id ?? confined?.workspace_id ?? DEFAULT_WORKSPACE,
    namespace: input.namespace ?? 'default',
    provider: input.provider ?? 'auto',
    ttl_minutes,
    volume: wantsVolume
      ? {
          kind: 'volume',
          name: input.storage_config?.volume ?? DEFAULT_STORAGE_NAME,
          size_gb: input.persistent_storage_size_gb ?? DEFAULT_STORAGE_GB,
        }
      : null,
    bucket: wantsBucket
      ? {
          kind: 'bucket',
          name: input.storage_config?.bucket ?? DEFAULT_STORAGE_NAME,
          size_gb: input.bucket_size_gb ?? DEFAULT_STORAGE_GB,
        }
      : null,
    warnings: unusedFields(input, ttl_minutes, { volume: wantsVolume, bucket: wantsBucket }),
  };
};

/** @throws Problem invalid naming every field that does not hold */
export const sizeOf = (
  input: CreateInput,
  workspacePackage: PackageName,
): { resources: Resources; image: ResolvedImage } => {
  const sized = resolveResources(input, workspacePackage);
  if (!sized.ok) {
    const sentence = sized.errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
    throw new Problem('invalid', sentence, { errors: sized.errors });
  }
  const image = resolveImage(input.image_spec, input.template, sized.resources.package);
  if (!image.ok) throw invalidField(image.error.field, image.error.message);
  return { resources: sized.resources, image: image.image };
};
