import type { Compute, ComputeRegistry } from '#ports/compute.ts';
import type { StorageDriver, Storages } from '#ports/storages.ts';

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

/** The kinds of storage of a deployment. */
export const storagesOf = (all: readonly StorageDriver[]): Storages => ({
  all,
  of: (provider, kind) => {
    const found = all.find((driver) => driver.provider === provider && driver.kind === kind);
    if (!found) throw new Error(`this deployment has no ${kind} of kind ${provider}`);
    return found;
  },
});
