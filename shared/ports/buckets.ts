/** Places for bytes: a workspace's volumes and buckets. Two instances serve the two kinds. */
export interface Buckets {
  readonly kind: string;
  /** Whether the size is a hard limit here, or only watched. */
  readonly size_limit: 'hard' | 'watched';
  /** Existing is success; a larger size grows it. */
  ensure(key: string, size_mb: number): Promise<void>;
  /** Gone is success. */
  remove(key: string): Promise<void>;
  /** MiB used, measured now; null where it can't be. */
  usage(key: string): Promise<number | null>;
  /** Every key that exists, for orphans. */
  list(): Promise<readonly string[]>;
}
