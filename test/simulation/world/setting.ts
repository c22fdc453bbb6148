import { priceTable } from '#domain/prices.ts';
import type { Settings } from '#services/kernel/deps.ts';
import type { CloudManners } from '../doubles/cloud.ts';
import type { ComputeManners } from '../doubles/compute.ts';
import type { StorageManners } from '../doubles/storage.ts';
import type { Random } from '../kernel/random.ts';
import type { Role } from './fleet.ts';

/** The deployment of one schedule. */
export interface Setting {
  readonly start: number;
  readonly drivers: readonly ComputeManners[];
  readonly storage: readonly StorageManners[];
  readonly layout: readonly (readonly Role[])[];
  readonly manners: CloudManners;
  readonly settings: Settings;
  readonly watch: boolean;
}

const PRICES = priceTable('us-central1');

const LAYOUTS: readonly (readonly (readonly Role[])[])[] = [
  [['api', 'worker', 'scheduler']],
  [['api'], ['api'], ['worker'], ['worker'], ['scheduler']],
  [['api'], ['api', 'worker'], ['worker', 'scheduler']],
  [
    ['api', 'worker', 'scheduler'],
    ['api', 'worker', 'scheduler'],
  ],
];

/** Five minutes before the end of a month, so that schedules cross it, or the middle of a month. */
const START = { edge: Date.parse('2026-10-31T23:56:00.000Z'), middle: Date.parse('2026-11-12T10:00:00.000Z') };
/** A provider's clock is accurate, but not exact. */
const PROVIDER_SKEW_MS = 15_000;

const MACHINE_STORAGE: readonly StorageManners[] = [
  { provider: 'local', kind: 'volume', measured: true },
  { provider: 'local', kind: 'bucket', measured: true },
];
const CLOUD_STORAGE: readonly StorageManners[] = [
  { provider: 'pvc', kind: 'volume', measured: false },
  { provider: 'gcs', kind: 'volume', measured: true },
  { provider: 'gcs', kind: 'bucket', measured: true },
];

const ownMachine = (): ComputeManners => ({
  ...{ driver: 'local', volume_kind: 'local', bucket_kind: 'local', volume_access: 'many' },
  ...{ remembers_ended: true, max_life_minutes: null, start_timeout_ms: null },
});

const cluster = (random: Random): ComputeManners => ({
  ...{ driver: 'gke', volume_kind: 'pvc', bucket_kind: 'gcs', volume_access: 'one_node' },
  remembers_ended: random.chance(0.5),
  max_life_minutes: null,
  start_timeout_ms: random.pick([null, 45_000]),
});

const jobs = (random: Random): ComputeManners => ({
  ...{ driver: 'cloud_run', volume_kind: 'gcs', bucket_kind: 'gcs', volume_access: 'many' },
  remembers_ended: random.chance(0.3),
  max_life_minutes: random.pick([3, null]),
  start_timeout_ms: null,
});

export const settingOf = (random: Random): Setting => {
  const machine = random.chance(0.45);
  const drivers = machine ? [ownMachine()] : [cluster(random), jobs(random)];
  const forgets = drivers.some(({ remembers_ended }) => !remembers_ended);
  const longest = random.pick([6, 12, 1440]);
  return {
    start: (random.chance(0.4) ? START.edge : START.middle) + random.whole(0, 120_000),
    drivers,
    storage: machine ? MACHINE_STORAGE : CLOUD_STORAGE,
    layout: random.pick(LAYOUTS),
    manners: {
      memory: Object.fromEntries(
        drivers.map(({ driver, remembers_ended }) => [driver, remembers_ended ? 'keeper' : 'cluster']),
      ),
      gives_other: machine ? 0 : random.pick([0, 0.15]),
      look_again_ms: random.pick([null, null, 2_000, 20_000]),
      skew: random.whole(-PROVIDER_SKEW_MS, PROVIDER_SKEW_MS),
      dies: random.pick([0, 0.15, 0.4]),
      vanishes: forgets ? random.pick([0, 0.1, 0.3]) : 0,
      fuse: forgets && random.chance(0.25),
      stillborn: random.pick([0, 0.05, 0.2]),
    },
    settings: {
      version: 'simulated',
      mode: machine ? 'standalone' : 'google-cloud',
      region: 'us-central1',
      prices: PRICES,
      deployment: 'simulated',
      default_user_type: random.pick(['enterprise', 'free'] as const),
      longest_life_minutes: longest,
      shadow_provider: machine ? random.pick(['gke', 'cloud_run'] as const) : null,
      retention_days: random.pick([0, 0.2, 0.5, 1, 4]) / 1440,
      history_days: random.chance(0.15) ? 3 / 1440 : 90,
      sweep_after_ms: 15_000,
      start_timeout_ms: random.pick([30_000, 60_000]),
      meter_period_ms: random.pick([10_000, 20_000, 45_000]),
      terminate_period_ms: 20_000,
      public_url: 'http://simulated.test',
    },
    watch: random.chance(0.9),
  };
};
