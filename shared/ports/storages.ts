/**
 * The volumes and buckets of a deployment. A provider of storage is not one of compute: a GCS bucket mounts on GKE and
 * on Cloud Run, and volumes of several kinds exist side by side.
 */
export interface Storages {
  readonly all: readonly StorageDriver[];
  /** @throws Error for a kind that this deployment does not have */
  of(provider: string, kind: StorageKind): StorageDriver;
}

export type StorageKind = 'volume' | 'bucket';

/**
 * One kind of volume or bucket at one provider. Every call may be repeated. A provider that can't be reached, is
 * overloaded or does not answer in time throws StorageUnavailable (try again later); one that refuses throws
 * StorageRefused.
 */
export interface StorageDriver {
  /** The kind of storage: `local`, `pvc` or `gcs`. The record of each volume and bucket has it. */
  readonly provider: string;
  readonly kind: StorageKind;
  /** Whether the size is a hard limit here, or only watched. */
  readonly size_limit: 'hard' | 'watched';
  /** Existing is success; a larger size grows it. */
  ensure(place: StoragePlace, size_mb: number): Promise<void>;
  /** Removes it with all that it holds; gone is success. */
  remove(place: StoragePlace): Promise<StorageRemoval>;
  /**
   * MiB in use, measured now; null if this can't be measured: it does not exist, or it holds more objects than one call
   * counts.
   */
  usage(place: StoragePlace): Promise<number | null>;
  /** Whether it is empty. Storage that does not exist is empty. */
  isEmpty(place: StoragePlace): Promise<'yes' | 'no' | 'unknown'>;
  /** All storage of this deployment that exists, to find orphans. */
  list(): Promise<readonly OwnedStorage[]>;
}

/** What a call to a driver names a volume or bucket by. */
export interface StoragePlace {
  /** Its deterministic name; never used again for another one. */
  readonly key: string;
  readonly owner: string;
  readonly workspace_id: string;
}

/**
 * How far a removal has come. One call does a bounded amount of work: after `more` a part is gone for good, and the same
 * call removes the next part. No call makes it usable again.
 */
export type StorageRemoval = 'gone' | 'more';

export interface OwnedStorage {
  readonly place: StoragePlace;
  /** By the provider's record, epoch milliseconds; null where it keeps none. */
  readonly created_at: number | null;
}

/** The provider can't be reached, is overloaded or did not answer: the same call may succeed later. */
export class StorageUnavailable extends Error {
  override readonly name: string = 'StorageUnavailable';
}

/** The provider refuses: the same call fails until somebody changes something. The message says what to change. */
export class StorageRefused extends Error {
  override readonly name = 'StorageRefused';
}
