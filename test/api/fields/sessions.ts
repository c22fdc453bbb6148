import type { SessionWire } from '#services/model/docs.ts';
import type { Client } from '../support/client.ts';
import { type Entry, outcomeOf, type Outcome, requestOf, type Table } from './walk.ts';

let users = 0;
const session = ({ json }: Outcome): SessionWire => json as SessionWire;

// biome-ignore lint/suspicious/noExplicitAny: a loose record of the answer
const allocation = (outcome: Outcome): any => session(outcome).storage_allocation;
const spec = (outcome: Outcome) => session(outcome).resource_spec;
const image = (outcome: Outcome) => session(outcome).image_spec;
const former: Entry = { value: 'x', warned: /storage_config\.\w+ has no effect/ };

/** Fields that `sessions.create` and `sessions.estimate` share: what they do is seen in the session. */
export const createTable = (call: Client): Table => ({
  operation: 'sessions.create',
  pairs: true,
  base: () => ({ user: `walk-${++users}` }),
  send: async (given) => {
    const { body, query, headers } = requestOf(given);
    return outcomeOf(await call(`/v1/sessions${query}`, { method: 'POST', body, headers }));
  },
  fields: {
    provider: { value: 'gke', seen: (o) => session(o).provider === 'gke' },
    template: [
      { value: 'java', seen: (o) => image(o)['image_type'] === 'java' },
      { value: 'my-tool', warned: /template my-tool is not the name of an image/ },
      {
        value: 'my-tool',
        beside: { 'image_spec.image_type': 'go' },
        seen: (o) => session(o).template === 'my-tool',
      },
      { value: 'java', beside: { 'image_spec.image_type': 'go' }, warned: /template java does not choose the image/ },
    ],
    namespace: { value: 'apart', seen: (o) => session(o).namespace === 'apart' },
    user: { value: 'walker', seen: (o) => session(o).user === 'walker' },
    workspace_id: {
      value: 'lab',
      beside: { workspace_owner: 'holder' },
      seen: (o) => session(o).workspace_id === 'lab',
    },
    workspace_owner: { value: 'holder', seen: (o) => session(o).workspace_owner === 'holder' },
    ttl_minutes: { value: 7, seen: (o) => session(o).ttl_minutes === 7 },
    resource_package: { value: 'dev_small', seen: (o) => session(o).resource_package === 'dev_small' },
    resource_tier: {
      value: 'large',
      seen: (o) => spec(o)['cpu_request'] === '2' || spec(o)['memory_request'] === '4Gi',
    },
    'resource_spec.cpu_size': { value: 'micro', seen: (o) => spec(o)['cpu_request'] === '250m' },
    'resource_spec.memory_size': { value: 'xlarge', seen: (o) => spec(o)['memory_request'] === '8Gi' },
    'resource_spec.custom_cpu_request': { value: '700m', seen: (o) => spec(o)['cpu_request'] === '700m' },
    'resource_spec.custom_cpu_limit': { value: '3', seen: (o) => spec(o)['cpu_limit'] === '3' },
    'resource_spec.custom_memory_request': { value: '700Mi', seen: (o) => spec(o)['memory_request'] === '700Mi' },
    'resource_spec.custom_memory_limit': { value: '6Gi', seen: (o) => spec(o)['memory_limit'] === '6Gi' },
    'image_spec.image_type': { value: 'go', seen: (o) => image(o)['image_type'] === 'go' },
    'image_spec.image_url': [
      { value: 'ghcr.io/a/b', seen: (o) => image(o)['image_url'] === 'ghcr.io/a/b' },
      { value: 'ghcr.io/a/b:1', seen: (o) => image(o)['image_url'] === 'ghcr.io/a/b:1' },
    ],
    'image_spec.image_tag': [
      { value: 'v9', seen: (o) => image(o)['image_tag'] === 'v9' && !/:\w+$/.test(String(image(o)['image_url'])) },
      { value: 'v9', beside: { 'image_spec.image_url': 'ghcr.io/a/b:1' }, warned: /image_tag has no effect/ },
    ],
    'gpu_spec.gpu_type': [
      { value: 't4', seen: (o) => session(o).gpu_spec?.['gpu_type'] === 't4' },
      {
        value: 'none',
        beside: { resource_package: 'ml_t4_small' },
        seen: (o) => session(o).gpu_spec === null,
      },
    ],
    'gpu_spec.gpu_count': {
      value: 2,
      beside: { 'gpu_spec.gpu_type': 't4' },
      seen: (o) => session(o).gpu_spec?.['gpu_count'] === 2,
    },
    gpu_type: [
      { value: 'l4', seen: (o) => session(o).gpu_spec?.['gpu_type'] === 'l4' },
      { value: 'l4', beside: { 'gpu_spec.gpu_type': 't4' }, warned: /gpu_type has no effect beside gpu_spec/ },
    ],
    gpu_count: [
      { value: 3, beside: { gpu_type: 'l4' }, seen: (o) => session(o).gpu_spec?.['gpu_count'] === 3 },
      { value: 3, refused: /gpu_type: is needed beside gpu_count/ },
      { value: 3, beside: { gpu_type: 'none' }, warned: /gpu_count has no effect/ },
    ],
    request_persistent_storage: { value: true, seen: (o) => allocation(o)?.persistent_storage != null },
    persistent_storage_size_gb: [
      { value: 20, seen: (o) => allocation(o)?.persistent_storage?.size_gb === 20 },
      {
        value: 20,
        beside: { request_persistent_storage: false },
        warned: /persistent_storage_size_gb has no effect without request_persistent_storage/,
      },
    ],
    request_bucket: { value: true, seen: (o) => allocation(o)?.bucket != null },
    bucket_size_gb: [
      { value: 20, seen: (o) => allocation(o)?.bucket?.size_gb === 20 },
      { value: 20, beside: { request_bucket: false }, warned: /bucket_size_gb has no effect/ },
    ],
    'storage_config.volume': [
      {
        value: 'scratch',
        beside: { request_persistent_storage: true },
        seen: (o) => allocation(o)?.persistent_storage?.name === 'scratch',
      },
      { value: 'scratch', warned: /storage_config\.volume has no effect/ },
    ],
    'storage_config.bucket': [
      { value: 'scratch', beside: { request_bucket: true }, seen: (o) => allocation(o)?.bucket?.name === 'scratch' },
      { value: 'scratch', warned: /storage_config\.bucket has no effect/ },
    ],
    'storage_config.storage_type': former,
    'storage_config.mount_path': former,
    'storage_config.bucket_name': former,
    'storage_config.gcs_prefix': former,
    'storage_config.gcs_mount_options': former,
    'storage_config.pvc_name': former,
    'storage_config.pvc_size': former,
    'storage_config.storage_class': former,
    env: { value: { WALK: '1' }, seen: (o) => session(o).env_names.includes('WALK') },
    labels: { value: { walk: '1' }, seen: (o) => session(o).labels['walk'] === '1' },
    needs_ssh: { value: true, warned: /needs_ssh has no effect/ },
    long_lived: { value: true, warned: /long_lived has no effect/ },
    expected_duration_minutes: { value: 90, warned: /expected_duration_minutes \(90\) has no effect/ },
    user_type: { value: 'pro', warned: /user_type has no effect/ },
    storage: { value: { a: 1 }, warned: /\bstorage has no effect\. Set request/ },
  },
});
