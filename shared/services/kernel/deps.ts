import type { UserType } from '#contract/entities/user.ts';
import type { PriceTable } from '#domain/prices.ts';
import type { Ports } from '#ports/ports.ts';
import type { Lanes } from './lanes.ts';

/** What the services need: the ports, the settings, and what one process shares between its calls. */
export interface Deps extends Ports {
  readonly settings: Settings;
  /** What changes one owner's account and waits in this process goes into one transaction. */
  readonly lanes: Lanes;
  /** Since when sums of the ledger are kept, epoch milliseconds: what is older is in the ledger alone. */
  readonly rollups_since: number;
}

export interface Settings {
  readonly version: string;
  readonly mode: 'standalone' | 'google-cloud';
  readonly region: string;
  /** Of this region, with the deployment's own over the built-in ones. */
  readonly prices: PriceTable;
  /** Sets this installation apart from every other one in names that the whole world shares. */
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
  /** How long the fast path has before the sweep takes an intent up, milliseconds. */
  readonly sweep_after_ms: number;
  /** Milliseconds from create to `running` before a session fails with start_timeout, where its plan says none. */
  readonly start_timeout_ms: number;
  /** How often the meter looks at a live session, milliseconds. */
  readonly meter_period_ms: number;
  /** The same where its owner's budget ends sessions: what is overspent is at most this long. */
  readonly terminate_period_ms: number;
  readonly public_url: string;
}
