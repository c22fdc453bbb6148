import type { z } from 'zod';
import type { SessionCreate } from '#contract/entities/session.ts';
import { templateImage } from '#domain/images.ts';

type Input = z.infer<typeof SessionCreate>;
type Maybe<T> = T | null | undefined;

const given = (value: unknown): boolean => value !== null && value !== undefined;
const beside = (field: string, other: string): string => `${field} has no effect beside ${other}.`;

/** Fields of the third version that this one has no use for. */
const former = (input: Input, ttl_minutes: number): readonly string[] => {
  const { needs_ssh, long_lived, expected_duration_minutes: expected, user_type, storage } = input;
  const life = `the session ends after its ttl_minutes, ${ttl_minutes}`;
  return [
    ...(needs_ssh ? ['needs_ssh has no effect: sessions have no SSH. Use exec or the shell.'] : []),
    ...(long_lived ? [`long_lived has no effect: ${life}.`] : []),
    ...(given(expected)
      ? [`expected_duration_minutes (${expected}) has no effect: ${life}. Set ttl_minutes instead.`]
      : []),
    ...(given(user_type)
      ? ['user_type has no effect: only an admin sets the type of a user, with PUT /v1/users.']
      : []),
    ...(storage && Object.keys(storage).length > 0
      ? ['storage has no effect. Set request_persistent_storage or request_bucket instead.']
      : []),
  ];
};

const size = (input: Input): readonly string[] => {
  const { resource_tier, resource_package, resource_spec: spec } = input;
  const decides = (kind: 'cpu' | 'memory'): boolean =>
    given(spec?.[`${kind}_size`]) || given(spec?.[`custom_${kind}_request`]);
  const named = (kind: 'cpu' | 'memory'): Maybe<string> =>
    spec?.[`${kind}_size`] === 'custom' ? null : spec?.[`${kind}_size`];
  return [
    ...(given(resource_tier) && given(resource_package) ? [beside('resource_tier', 'resource_package')] : []),
    ...(given(resource_tier) && !given(resource_package) && decides('cpu') && decides('memory')
      ? [beside('resource_tier', 'resource_spec, which sets CPU and memory')]
      : []),
    ...(['cpu', 'memory'] as const)
      .filter((kind) => given(named(kind)) && given(spec?.[`custom_${kind}_request`]))
      .map((kind) => beside(`resource_spec.${kind}_size`, `custom_${kind}_request`)),
  ];
};

const gpu = ({ gpu_spec, gpu_type, gpu_count }: Input): readonly string[] => {
  const inSpec = given(gpu_spec?.gpu_type) || given(gpu_spec?.gpu_count);
  const none = (field: string): string => `${field} has no effect with gpu_type none.`;
  if (inSpec) {
    return [
      ...(given(gpu_type) ? [beside('gpu_type', 'gpu_spec')] : []),
      ...(given(gpu_count) ? [beside('gpu_count', 'gpu_spec')] : []),
      ...(gpu_spec?.gpu_type === 'none' && given(gpu_spec.gpu_count) ? [none('gpu_spec.gpu_count')] : []),
    ];
  }
  return gpu_type === 'none' && given(gpu_count) ? [none('gpu_count')] : [];
};

const hasTag = (url: string): boolean => url.includes('@') || url.slice(url.lastIndexOf('/') + 1).includes(':');

const image = ({ image_spec: spec, template }: Input): readonly string[] => {
  const { image_type: type, image_url: url, image_tag: tag } = spec ?? {};
  const chosen = given(type) || given(url);
  const meant = template ? templateImage(template) : null;
  return [
    ...(url && given(tag) && hasTag(url) ? ['image_spec.image_tag has no effect: image_url has a tag.'] : []),
    ...(chosen && meant !== null && meant !== type
      ? [`template ${template} does not choose the image: image_spec does.`]
      : []),
    ...(!chosen && template && meant === null
      ? [`template ${template} is not the name of an image: the image is that of the package.`]
      : []),
  ];
};

/** Fields of the third version’s `storage_config`. */
const FORMER_STORAGE = [
  'storage_type',
  'mount_path',
  'bucket_name',
  'gcs_prefix',
  'gcs_mount_options',
  'pvc_name',
  'pvc_size',
  'storage_class',
] as const;

const storage = (input: Input, mounted: { readonly volume: boolean; readonly bucket: boolean }): readonly string[] => {
  const { storage_config: config } = input;
  const without = (field: string, request: string): string => `${field} has no effect without ${request}.`;
  return [
    ...(!mounted.volume && given(input.persistent_storage_size_gb)
      ? [without('persistent_storage_size_gb', 'request_persistent_storage')]
      : []),
    ...(!mounted.bucket && given(input.bucket_size_gb) ? [without('bucket_size_gb', 'request_bucket')] : []),
    ...(!mounted.volume && given(config?.volume)
      ? [without('storage_config.volume', 'request_persistent_storage')]
      : []),
    ...(!mounted.bucket && given(config?.bucket) ? [without('storage_config.bucket', 'request_bucket')] : []),
    ...FORMER_STORAGE.filter((field) => given(config?.[field])).map(
      (field) => `storage_config.${field} has no effect. storage_config has volume and bucket, the names of the two.`,
    ),
  ];
};

/** Says which fields of a create have no effect, and why. */
export const unusedFields = (
  input: Input,
  ttl_minutes: number,
  mounted: { readonly volume: boolean; readonly bucket: boolean },
): readonly string[] => [
  ...former(input, ttl_minutes),
  ...size(input),
  ...gpu(input),
  ...image(input),
  ...storage(input, mounted),
];
