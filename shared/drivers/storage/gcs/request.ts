import type { CreateBucketRequest } from '@google-cloud/storage';
import type { Labels } from './names.ts';

/** Days after which parts of uploads that were never finished are deleted. Until then they are billed. */
const UNFINISHED_DAYS = 1;

/**
 * The request for a bucket. It states each setting whose default costs money or lets others in, so that a change of
 * defaults, at Google or in an organization, changes no bucket of ours.
 */
export const bucketRequest = (location: string, labels: Labels): CreateBucketRequest => ({
  location,
  storageClass: 'STANDARD',
  // Moves objects between classes for a fee per object.
  autoclass: { enabled: false },
  // Its operations cost more.
  hierarchicalNamespace: { enabled: false },
  // Deleted objects would be billed for seven more days. How long data is kept is OnMemOS’s own setting.
  softDeletePolicy: { retentionDurationSeconds: 0 },
  // Each overwritten object would be kept, and billed.
  versioning: { enabled: false },
  defaultEventBasedHold: false,
  billing: { requesterPays: false },
  iamConfiguration: { uniformBucketLevelAccess: { enabled: true }, publicAccessPrevention: 'enforced' },
  lifecycle: {
    rule: [{ action: { type: 'AbortIncompleteMultipartUpload' }, condition: { age: UNFINISHED_DAYS } }],
  },
  labels: { ...labels },
});
