import type { Clock } from '#ports/clock.ts';
import type { Ids } from '#ports/ids.ts';
import {
  type OwnedStorage,
  type StorageDriver,
  type StoragePlace,
  StorageRefused,
  type StorageRemoval,
  StorageUnavailable,
} from '#ports/storages.ts';
import { ChangeLane } from './change-lane.ts';
import { GcsClient, GcsUnavailable } from './client.ts';
import { type BucketNames, bucketNames, type Labels } from './names.ts';
import { eraseSome, firstObjects, sizeOfObjects, someObjects } from './objects.ts';
import { bucketRequest } from './request.ts';

export interface GcsStorageOptions {
  readonly project: string;
  /** Keeps this deployment's buckets apart from those of others in the project. */
  readonly deployment: string;
  /** The region in which buckets are made, such as us-central1. */
  readonly location: string;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'fraction'>;
  /** Where Cloud Storage answers, for an emulator: without credentials. Default: Google's own address. */
  readonly apiEndpoint?: string;
  /** Between two buckets that are made or deleted. */
  readonly change_every_ms?: number;
  /** For each call of Google's client. */
  readonly call_limit_ms?: number;
  readonly bounds?: Partial<Bounds>;
}

/** How much one call of the driver does at the most. Each page of a list is billed. */
interface Bounds {
  /** Entries of one page. */
  readonly page: number;
  /** Objects that `remove` erases. */
  readonly erased: number;
  /** Pages that `usage` counts. */
  readonly pages_counted: number;
}

const BOUNDS: Bounds = { page: 1_000, erased: 5_000, pages_counted: 20 };

/** A region: a bucket in several costs more, for each byte that is written too. */
const REGION = /^[a-z]+-[a-z]+\d+$/;

const CHANGE_EVERY_MS = 2_000;
const CHANGE_PATIENCE_MS = 30_000;
const CALL_LIMIT_MS = 10_000;
/** How long `remove` erases, and `usage` counts, before the call ends. */
const ERASE_MS = 10_000;
const COUNT_MS = 20_000;

/** Buckets in Cloud Storage, one for each key. Their size is watched: Cloud Storage has no limit to set. @throws TypeError */
export const gcsStorage = (options: GcsStorageOptions): StorageDriver => new GcsStorage(options);

class GcsStorage implements StorageDriver {
  readonly provider = 'gcs';
  readonly kind = 'bucket';
  readonly size_limit = 'watched';
  readonly #options: GcsStorageOptions;
  readonly #bounds: Bounds;
  readonly #names: BucketNames;
  readonly #client: GcsClient;
  readonly #changes: ChangeLane;
  /** Work under way, so that calls of one process for one bucket share a turn in the lane. */
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(options: GcsStorageOptions) {
    const { project, deployment, location, clock, ids, apiEndpoint } = options;
    if (!REGION.test(location))
      throw new TypeError(
        `${JSON.stringify(location)} can’t be the location of buckets: name a region, such as us-central1`,
      );
    this.#options = options;
    this.#bounds = { ...BOUNDS, ...options.bounds };
    this.#names = bucketNames(project, deployment);
    const call_limit_ms = options.call_limit_ms ?? CALL_LIMIT_MS;
    this.#client = new GcsClient({ project, location, clock, apiEndpoint, call_limit_ms });
    this.#changes = new ChangeLane({
      clock,
      ids,
      every_ms: options.change_every_ms ?? CHANGE_EVERY_MS,
      patience_ms: CHANGE_PATIENCE_MS,
      isThrottled: (error) => error instanceof GcsUnavailable && error.throttled,
    });
  }

  async ensure(place: StoragePlace, _size_mb: number): Promise<void> {
    const bucket = this.#names.nameOf(place.key);
    if (await this.#isThere(bucket)) return;
    await this.#once(`ensure ${bucket}`, async () => {
      const { location } = this.#options;
      const request = bucketRequest(location, this.#names.labelsOf(place));
      const made = await this.#changes.run(() =>
        this.#client.call('create', bucket, (storage) => storage.createBucket(bucket, request)),
      );
      // It existed: made by another process, or by an earlier call whose answer was lost.
      if (made === null && !(await this.#isThere(bucket)))
        throw new StorageUnavailable(`the bucket ${bucket} was there and is gone; try again`);
    });
  }

  async remove({ key }: StoragePlace): Promise<StorageRemoval> {
    const bucket = this.#names.nameOf(key);
    return this.#once(`remove ${bucket}`, async () => {
      if (!(await this.#isThere(bucket))) return 'gone';
      if (!(await this.#emptied(bucket))) return 'more';
      try {
        await this.#changes.run(() => this.#client.call('drop', bucket, (storage) => storage.bucket(bucket).delete()));
      } catch (error) {
        // Something was written since it was emptied.
        if (error instanceof GcsUnavailable && (error.status === 409 || error.status === 412)) return 'more';
        throw error;
      }
      return 'gone';
    });
  }

  async usage({ key }: StoragePlace): Promise<number | null> {
    const { clock } = this.#options;
    const { page, pages_counted } = this.#bounds;
    const bounds = { page, pages: pages_counted, end: clock.monotonic() + COUNT_MS };
    return sizeOfObjects(this.#client, clock, this.#names.nameOf(key), bounds);
  }

  async isEmpty({ key }: StoragePlace): Promise<'yes' | 'no' | 'unknown'> {
    try {
      const found = await firstObjects(this.#client, this.#names.nameOf(key), 1);
      if (found === null) return 'yes';
      if (found.objects.length > 0) return 'no';
      // A page may be empty though others follow.
      return found.next === null ? 'yes' : 'unknown';
    } catch (error) {
      if (error instanceof StorageUnavailable || error instanceof StorageRefused) return 'unknown';
      throw error;
    }
  }

  async list(): Promise<readonly OwnedStorage[]> {
    const { prefix } = this.#names;
    const found: OwnedStorage[] = [];
    const tokens = new Set<string>();
    for (let pageToken: string | undefined; ; ) {
      const query = {
        prefix,
        maxResults: this.#bounds.page,
        autoPaginate: false,
        ...(pageToken === undefined ? {} : { pageToken }),
      };
      const page = await this.#client.call('buckets', `${prefix}…`, (storage) => storage.getBuckets(query));
      for (const { name, metadata } of page?.[0] ?? []) {
        const key = this.#names.keyOf(name, metadata.labels as Labels | undefined);
        // The labels have hashes only: the record has the owner.
        if (key !== null)
          found.push({ place: { key, owner: '', workspace_id: '' }, created_at: instantOf(metadata.timeCreated) });
      }
      const { pageToken: next } = Object(page?.[1]) as { pageToken?: unknown };
      if (typeof next !== 'string' || next === '') return found;
      // What is missing from a list counts as gone, so half of one is none.
      if (tokens.has(next)) throw new StorageUnavailable('Cloud Storage repeats a page of its list; try again later');
      tokens.add(next);
      pageToken = next;
    }
  }

  /** Whether a bucket exists. @throws StorageRefused if it is not this deployment's */
  async #isThere(bucket: string): Promise<boolean> {
    const answer = await this.#client.call('look', bucket, (storage) => storage.bucket(bucket).getMetadata());
    if (answer === null) return false;
    if (this.#names.keyOf(bucket, answer[0].labels as Labels | undefined) !== null) return true;
    throw new StorageRefused(
      `The bucket ${bucket} exists and does not have this deployment’s labels, so it is left alone. Put its labels back if it is this deployment’s, else rename or delete it.`,
    );
  }

  /** Erases what a bucket holds, up to a bound. @returns whether nothing is left */
  async #emptied(bucket: string): Promise<boolean> {
    const { clock } = this.#options;
    const end = clock.monotonic() + ERASE_MS;
    for (let erased = 0; ; ) {
      const found = await someObjects(this.#client, bucket, this.#bounds.page);
      if (found === null || (found.objects.length === 0 && found.next === null)) return true;
      if (found.objects.length === 0) return false;
      await eraseSome(this.#client, bucket, found.objects);
      erased += found.objects.length;
      if (erased >= this.#bounds.erased || clock.monotonic() > end) return false;
    }
  }

  async #once<T>(what: string, work: () => Promise<T>): Promise<T> {
    const before = this.#underWay.get(what) as Promise<T> | undefined;
    if (before) return before;
    const mine = work().finally(() => this.#underWay.delete(what));
    this.#underWay.set(what, mine);
    return mine;
  }
}

const instantOf = (text: string | undefined): number | null => {
  const instant = Date.parse(text ?? '');
  return Number.isNaN(instant) ? null : instant;
};
