import type { PriceTable } from './prices.ts';
import type { Between, BillLine, Cost, Rate } from './pricing.ts';
import { between, cumulative, less, minus, missingIn, rateOf } from './pricing.ts';

/** A volume or bucket as it is billed: by its size, from when it was made to when it is gone. */
export interface BilledStorage {
  readonly kind: 'volume' | 'bucket';
  /** The kind of storage that holds it, or the provider whose storage it would be. */
  readonly provider: string;
  readonly size_gb: number;
}

/** Rows of the price table; null: costs nothing. */
const ITEMS: Readonly<Record<string, Readonly<Record<'volume' | 'bucket', string | null>>>> = {
  local: { volume: null, bucket: null },
  pvc: { volume: 'pd.balanced', bucket: null },
  gcs: { volume: 'gcs.standard', bucket: 'gcs.standard' },
  gke: { volume: 'pd.balanced', bucket: 'gcs.standard' },
  cloud_run: { volume: 'gcs.standard', bucket: 'gcs.standard' },
  workstations: { volume: 'pd.balanced', bucket: 'gcs.standard' },
};

/** Sizes in GiB that the disk of a workstation comes in. */
const WORKSTATION_DISKS = [10, 50, 100, 200, 500, 1000] as const;

/** GiB that are really made and billed; null where the provider has no disk that large. */
export const storageSizeGb = ({ kind, provider, size_gb }: BilledStorage): number | null =>
  provider === 'workstations' && kind === 'volume'
    ? (WORKSTATION_DISKS.find((size) => size >= size_gb) ?? null)
    : size_gb;

export const storageLines = (storage: BilledStorage): readonly BillLine[] => {
  const items = Object.hasOwn(ITEMS, storage.provider) ? ITEMS[storage.provider] : undefined;
  const item = items === undefined ? `storage.${storage.provider}` : items[storage.kind];
  if (item === null) return [];
  const size = storageSizeGb(storage) ?? storage.size_gb;
  return [{ component: 'storage', item, amount: Math.ceil(size * 1024), per: 1024 }];
};

/** As local storage is billed where local sessions are priced as if they ran on Google Cloud. */
export const shadowStorage = (storage: BilledStorage, as: 'gke' | 'cloud_run' | null): BilledStorage =>
  as !== null && storage.provider === 'local' ? { ...storage, provider: as } : storage;

export const missingStoragePrices = (storage: BilledStorage, table: PriceTable): readonly string[] =>
  missingIn(storageLines(storage), table);

/** Between two instants, in milliseconds since it was made: adjoining intervals add up exactly. */
export const storageCost = (storage: BilledStorage, from_ms: number, to_ms: number, table: PriceTable): Cost => {
  const lines = storageLines(storage);
  return minus(cumulative(lines, Math.max(0, to_ms), table), cumulative(lines, Math.max(0, from_ms), table));
};

/** `storageCost` in total, with the bounds of what is missing. */
export const storageBetween = (storage: BilledStorage, from_ms: number, to_ms: number, table: PriceTable): Between => {
  const lines = storageLines(storage);
  return less(between(lines, Math.max(0, to_ms), table), between(lines, Math.max(0, from_ms), table));
};

/** Never less than what any interval of `ms` can cost. */
export const storageUpperBound = (storage: BilledStorage, ms: number, table: PriceTable): number =>
  cumulative(storageLines(storage), Math.max(0, ms), table, 'up').total;

export const storageRate = (storage: BilledStorage, table: PriceTable): Rate => rateOf(storageLines(storage), table);
