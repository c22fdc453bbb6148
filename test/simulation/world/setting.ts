import type { Settings } from '#services/kernel/deps.ts';
import type { CloudManners } from '../doubles/cloud.ts';
import type { Driver } from '../doubles/compute.ts';
import type { Random } from '../kernel/random.ts';
import type { Role } from './fleet.ts';

/** The deployment of one schedule. */
export interface Setting {
  readonly start: number;
  readonly drivers: readonly Driver[];
  readonly layout: readonly (readonly Role[])[];
  readonly manners: CloudManners;
  readonly settings: Settings;
  readonly watch: boolean;
}

const LAYOUTS: readonly (readonly (readonly Role[])[])[] = [
  [['api', 'worker', 'scheduler']],
  [['api'], ['api'], ['worker'], ['worker'], ['scheduler']],
  [['api'], ['api', 'worker'], ['worker', 'scheduler']],
  [
    ['api', 'worker', 'scheduler'],
    ['api', 'worker', 'scheduler'],
  ],
];

/** Five minutes before a month's end, so that schedules cross it; else in its middle. */
const START = { edge: Date.parse('2026-10-31T23:56:00.000Z'), middle: Date.parse('2026-11-12T10:00:00.000Z') };
/** A provider's clock is kept well, and still not exactly. */
const PROVIDER_SKEW_MS = 15_000;

export const settingOf = (random: Random): Setting => {
  const machine = random.chance(0.45);
  const memory = machine || random.chance(0.3) ? 'keeper' : 'cluster';
  const longest = random.pick([6, 12, 1440]);
  return {
    start: (random.chance(0.4) ? START.edge : START.middle) + random.whole(0, 120_000),
    drivers: machine ? ['local'] : ['gke', 'cloud_run'],
    layout: random.pick(LAYOUTS),
    manners: {
      memory,
      skew: random.whole(-PROVIDER_SKEW_MS, PROVIDER_SKEW_MS),
      dies: random.pick([0, 0.15, 0.4]),
      vanishes: memory === 'cluster' ? random.pick([0, 0.1, 0.3]) : 0,
      fuse: memory === 'cluster' && random.chance(0.25),
      stillborn: random.pick([0, 0.05, 0.2]),
    },
    settings: {
      version: 'simulated',
      mode: machine ? 'standalone' : 'google-cloud',
      region: 'us-central1',
      deployment: 'simulated',
      default_user_type: random.pick(['enterprise', 'free'] as const),
      longest_life_minutes: longest,
      shadow_provider: machine ? random.pick(['gke', 'cloud_run'] as const) : null,
      retention_days: random.pick([0, 0.2, 0.5, 1, 4]) / 1440,
      history_days: random.chance(0.15) ? 3 / 1440 : 90,
      start_timeout_ms: random.pick([30_000, 60_000]),
      meter_period_ms: random.pick([10_000, 20_000, 45_000]),
      public_url: 'http://simulated.test',
    },
    watch: random.chance(0.9),
  };
};
