import { z } from 'zod';

/** Every background task: its payload (ids only, versioned) and how it is retried. Producer and handler both read this. */
export const TASKS = {
  /** Takes the session of an intent one step towards its desired state. */
  'session.converge': {
    payload: z.object({ v: z.literal(1), intent_id: z.string(), attempt: z.number().int() }),
    retry: { max_attempts: 5, min_backoff_ms: 200, max_backoff_ms: 10_000, max_doublings: 5, deadline_ms: 120_000 },
  },
  /** Ends a session at `expires_at`, unless that was moved. It is due by the clock of the queue that delivers it. */
  'session.expire': {
    payload: z.object({ v: z.literal(1), session_id: z.string(), expires_at: z.string() }),
    retry: { max_attempts: 5, min_backoff_ms: 500, max_backoff_ms: 10_000, max_doublings: 5, deadline_ms: 60_000 },
  },
  /** Removes the data of a deleted workspace after its retention. */
  'workspace.purge': {
    payload: z.object({ v: z.literal(1), owner: z.string(), workspace_id: z.string(), generation: z.number().int() }),
    retry: { max_attempts: 5, min_backoff_ms: 1_000, max_backoff_ms: 60_000, max_doublings: 5, deadline_ms: 300_000 },
  },
  /** Goes on with the removal of a volume or bucket that holds more than one call removes. */
  'storage.remove': {
    payload: z.object({ v: z.literal(1), storage_id: z.string(), key: z.string() }),
    retry: { max_attempts: 5, min_backoff_ms: 1_000, max_backoff_ms: 60_000, max_doublings: 5, deadline_ms: 120_000 },
  },
  /** Says that a session is about to end. Does nothing if its end was moved, or if it has begun. */
  'session.notice': {
    payload: z.object({ v: z.literal(1), session_id: z.string(), expires_at: z.string() }),
    retry: { max_attempts: 5, min_backoff_ms: 500, max_backoff_ms: 10_000, max_doublings: 5, deadline_ms: 60_000 },
  },
  /** Says that a session’s provider takes its machine back: `reclaim_at`, if it says when. Instants in milliseconds. */
  'session.reclaim': {
    payload: z.object({
      v: z.literal(1),
      session_id: z.string(),
      announced_at: z.number().int(),
      reclaim_at: z.number().int().optional(),
    }),
    retry: { max_attempts: 5, min_backoff_ms: 200, max_backoff_ms: 5_000, max_doublings: 5, deadline_ms: 60_000 },
  },
  /** Hands a notice that is in the audit log to the webhooks of its users. */
  'notice.send': {
    payload: z.object({ v: z.literal(1), entry_id: z.string(), attempt: z.number().int() }),
    retry: { max_attempts: 5, min_backoff_ms: 500, max_backoff_ms: 10_000, max_doublings: 5, deadline_ms: 60_000 },
  },
  /** Delivers a notice to one webhook: twelve tries within three hours. The handler itself gives a try 10 s. */
  'webhook.deliver': {
    payload: z.object({ v: z.literal(1), webhook_id: z.string(), entry_id: z.string() }),
    retry: {
      max_attempts: 12,
      min_backoff_ms: 5_000,
      max_backoff_ms: 7_200_000,
      max_doublings: 11,
      deadline_ms: 60_000,
    },
  },
} as const;

export type TaskName = keyof typeof TASKS;
export type TaskPayload<N extends TaskName> = z.infer<(typeof TASKS)[N]['payload']>;

/** How each task is retried, by its name: what a queue is opened with, and its infrastructure made from. */
export const RETRIES: Readonly<Record<string, (typeof TASKS)[TaskName]['retry']>> = Object.fromEntries(
  Object.entries(TASKS).map(([name, { retry }]) => [name, retry]),
);
