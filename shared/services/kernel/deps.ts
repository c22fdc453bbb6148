import type { UserType } from '#contract/entities/user.ts';
import type { PriceTable } from '#domain/prices.ts';
import type { Ports } from '#ports/ports.ts';
import type { Lanes } from './lanes.ts';
import type { Run } from './run.ts';

/** What the services need: the ports, the settings, and what one process shares between its calls. */
export interface Deps extends Ports {
  readonly settings: Settings;
  /** Changes of one owner's account that wait in this process share a transaction. */
  readonly lanes: Lanes;
  /** Since when sums of the ledger are kept, epoch milliseconds. Older costs are only in the ledger. */
  readonly rollups_since: number;
  /** How long the sweeps of one job may go on; absent: each as long as sweeps do by themselves. */
  readonly run?: Run;
}

export interface Settings {
  readonly version: string;
  readonly mode: 'standalone' | 'google-cloud';
  readonly region: string;
  /** Prices of this region: the built-in ones, replaced by the deployment's own. */
  readonly prices: PriceTable;
  /** Distinguishes this installation in names that are globally unique, such as cloud buckets. */
  readonly deployment: string;
  readonly default_user_type: UserType;
  /** The longest life of a session in minutes, extensions included. */
  readonly longest_life_minutes: number;
  /** Prices local sessions as if they ran there. */
  readonly shadow_provider: 'gke' | 'cloud_run' | null;
  /** Days that a deleted workspace's data is kept. */
  readonly retention_days: number;
  /** Days that a terminal session's record is kept. */
  readonly history_days: number;
  /** Age in milliseconds at which the sweep retries an intent. */
  readonly sweep_after_ms: number;
  /** Milliseconds from create to `running` before a session fails with start_timeout, where its plan says none. */
  readonly start_timeout_ms: number;
  /** Period in milliseconds at which the meter bills a live session. */
  readonly meter_period_ms: number;
  /** The same for owners with a `terminate` budget; at most this time is overspent. */
  readonly terminate_period_ms: number;
  readonly public_url: string;
}
