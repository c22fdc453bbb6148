import { z } from 'zod';

/** Every background task: its payload (ids only, versioned) and how it is retried. Producer and handler both read this. */
export const TASKS = {
  /** Takes the session of an intent one step towards its desired state. */
  'session.converge': {
    payload: z.object({ v: z.literal(1), intent_id: z.string(), attempt: z.number().int() }),
    retry: { max_attempts: 5, min_backoff_ms: 200, max_backoff_ms: 10_000, max_doublings: 5, deadline_ms: 120_000 },
  },
  /** Ends an expired session. If the task is delivered early, it does nothing. */
  'session.expire': {
    payload: z.object({ v: z.literal(1), session_id: z.string(), expires_at: z.string() }),
    retry: { max_attempts: 5, min_backoff_ms: 500, max_backoff_ms: 10_000, max_doublings: 5, deadline_ms: 60_000 },
  },
  /** Removes the data of a deleted workspace after its retention. */
  'workspace.purge': {
    payload: z.object({ v: z.literal(1), owner: z.string(), workspace_id: z.string(), generation: z.number().int() }),
    retry: { max_attempts: 5, min_backoff_ms: 1_000, max_backoff_ms: 60_000, max_doublings: 5, deadline_ms: 300_000 },
  },
} as const;

export type TaskName = keyof typeof TASKS;
export type TaskPayload<N extends TaskName> = z.infer<(typeof TASKS)[N]['payload']>;
