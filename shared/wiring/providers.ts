import { join } from 'node:path';
import { directoryStorage } from '#drivers/storage/directory.ts';
import type { Compute, ComputeRegistry } from '#ports/compute.ts';
import type { Logger } from '#ports/logger.ts';
import type { StorageDriver, Storages } from '#ports/storages.ts';

/** On one machine the local driver serves every provider name. */
export const LOCAL_NAMES = ['auto', 'gke', 'cloud_run', 'workstations'] as const;

/** A compute driver and the provider names that it serves. */
export interface Served {
  readonly compute: Compute;
  readonly names: readonly string[];
}

/** The compute drivers of a deployment. If several serve a name, the first that can run a session does so. */
export const computesOf = (served: readonly Served[], off: Readonly<Record<string, string>> = {}): ComputeRegistry => {
  const all = served.map(({ compute }) => compute);
  const serving = (provider: string): readonly Compute[] =>
    served.filter(({ names }) => names.includes(provider)).map(({ compute }) => compute);
  return {
    all,
    serving,
    byDriver: (driver) => {
      const found = all.find((compute) => compute.driver === driver);
      if (!found) throw new Error(`this deployment has no driver ${driver}`);
      return found;
    },
    whyOff: (provider) => (serving(provider).length > 0 ? null : (off[provider] ?? 'it is not set up')),
  };
};

/** The volumes and buckets of this machine, and where the folder of each is, for what mounts them. */
export const localStorages = (dataDir: string, log: Logger) => {
  const volumes = directoryStorage({ root: join(dataDir, 'volumes'), kind: 'volume', log });
  const buckets = directoryStorage({ root: join(dataDir, 'buckets'), kind: 'bucket', log });
  const folders = { volume: (key: string) => volumes.path(key), bucket: (key: string) => buckets.path(key) };
  return { storages: [volumes, buckets], folders } as const;
};

/** The kinds of storage of a deployment. */
export const storagesOf = (all: readonly StorageDriver[]): Storages => ({
  all,
  of: (provider, kind) => {
    const found = all.find((driver) => driver.provider === provider && driver.kind === kind);
    if (!found) throw new Error(`this deployment has no ${kind} of kind ${provider}`);
    return found;
  },
});
