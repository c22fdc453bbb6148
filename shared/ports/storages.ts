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

/** One kind of volume or bucket at one provider. Every call may be repeated. */
export interface StorageDriver {
  /** What holds it: `local`, `pvc`, `gcs`. Stands on the record of each volume and bucket. */
  readonly provider: string;
  readonly kind: StorageKind;
  /** Whether the size is a hard limit here, or only watched. */
  readonly size_limit: 'hard' | 'watched';
  /** Existing is success; a larger size grows it. */
  ensure(place: StoragePlace, size_mb: number): Promise<void>;
  /** Gone is success. */
  remove(place: StoragePlace): Promise<void>;
  /** MiB used, measured now; null where it can't be. */
  usage(place: StoragePlace): Promise<number | null>;
  /** Whether nothing is in it. What is not there is empty. */
  isEmpty(place: StoragePlace): Promise<'yes' | 'no' | 'unknown'>;
  /** Everything of ours that exists, for orphans. */
  list(): Promise<readonly OwnedStorage[]>;
}

/** A volume or bucket as its driver is asked for it. */
export interface StoragePlace {
  /** Its deterministic name; never used again for another one. */
  readonly key: string;
  readonly owner: string;
  readonly workspace_id: string;
}

export interface OwnedStorage {
  readonly place: StoragePlace;
  /** By the provider's record, epoch milliseconds; null where it keeps none. */
  readonly created_at: number | null;
}
