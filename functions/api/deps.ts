import type { Clock } from '#ports/clock.ts';
import type { Logger } from '#ports/logger.ts';
import type { Deps } from '#services/kernel/deps.ts';
import type { Metrics } from './metrics.ts';

/** What a deployable gives to the API. */
export interface ApiDeps {
  readonly deps: Deps;
  readonly log: Logger;
  readonly clock: Clock;
  readonly settings: ApiSettings;
  /** The state of each dependency: `ok`, or a few words that say what is wrong. */
  ready(): Promise<Readonly<Record<string, string>>>;
  readonly metrics: Metrics;
  /** Aborted when the server is about to stop: output streams break off at once, and their readers connect again. */
  readonly stopping?: AbortSignal;
}

export interface ApiSettings {
  readonly version: string;
  /** Requests per second of one key, on average and at once; null: no limit. It holds over all instances together. */
  readonly rate_limit_per_second: number | null;
  /** The greatest number of instances that serve at once: each allows its share of the limit. */
  readonly most_instances: number;
  /** Origins whose pages may call the API; none: no CORS header at all. */
  readonly cors_origins: readonly string[];
  readonly body_limit_bytes: number;
  /** For stdin and for bodies that carry an environment. */
  readonly large_body_limit_bytes: number;
}

export const DEFAULT_API_SETTINGS = {
  rate_limit_per_second: null,
  most_instances: 1,
  cors_origins: [],
  body_limit_bytes: 1024 * 1024,
  large_body_limit_bytes: 16 * 1024 * 1024,
} as const satisfies Omit<ApiSettings, 'version'>;

/** Settings of a deployment that the API has. */
interface Given {
  readonly ONMEMOS_RATE_LIMIT_PER_SECOND?: number | undefined;
  readonly ONMEMOS_MAX_INSTANCES?: number | undefined;
  readonly ONMEMOS_CORS_ORIGINS: string;
}

export const apiSettings = (version: string, given: Given): ApiSettings => ({
  ...DEFAULT_API_SETTINGS,
  version,
  rate_limit_per_second: given.ONMEMOS_RATE_LIMIT_PER_SECOND ?? null,
  most_instances: given.ONMEMOS_MAX_INSTANCES ?? 1,
  cors_origins: given.ONMEMOS_CORS_ORIGINS.split(',').filter((origin) => origin !== ''),
});
