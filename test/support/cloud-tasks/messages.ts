/** The messages of `google.cloud.tasks.v2` as proto-loader reads and writes them. Absent means unset, also for scalars. */

export interface Timestamp {
  readonly seconds?: number;
  readonly nanos?: number;
}
export type Duration = Timestamp;

export interface RateLimits {
  readonly maxDispatchesPerSecond?: number;
  readonly maxBurstSize?: number;
  readonly maxConcurrentDispatches?: number;
}

export interface RetryConfig {
  readonly maxAttempts?: number;
  readonly maxRetryDuration?: Duration;
  readonly minBackoff?: Duration;
  readonly maxBackoff?: Duration;
  readonly maxDoublings?: number;
}

export interface QueueMessage {
  readonly name?: string;
  readonly rateLimits?: RateLimits;
  readonly retryConfig?: RetryConfig;
  readonly state?: 'RUNNING' | 'PAUSED';
  readonly purgeTime?: Timestamp;
}

export interface HttpRequestMessage {
  readonly url?: string;
  readonly httpMethod?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly oidcToken?: { readonly serviceAccountEmail?: string; readonly audience?: string };
  readonly oauthToken?: object;
}

export interface AttemptMessage {
  readonly scheduleTime?: Timestamp;
  readonly dispatchTime?: Timestamp;
  readonly responseTime?: Timestamp;
  readonly responseStatus?: { readonly code: number; readonly message: string };
}

export interface TaskMessage {
  readonly name?: string;
  readonly httpRequest?: HttpRequestMessage;
  readonly appEngineHttpRequest?: object;
  readonly scheduleTime?: Timestamp;
  readonly createTime?: Timestamp;
  readonly dispatchDeadline?: Duration;
  readonly dispatchCount?: number;
  readonly responseCount?: number;
  readonly firstAttempt?: AttemptMessage;
  readonly lastAttempt?: AttemptMessage;
  readonly view?: View;
}

export type View = 'VIEW_UNSPECIFIED' | 'BASIC' | 'FULL';

export const msOf = ({ seconds = 0, nanos = 0 }: Duration): number => seconds * 1000 + nanos / 1e6;

export const timestampOf = (ms: number): Timestamp => {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) };
};
