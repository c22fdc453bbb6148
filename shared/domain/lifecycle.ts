import { type SessionStatus, STATUS_REASONS as REASON_NAMES } from '#contract/entities/session.ts';

export type { SessionStatus };

/** What may follow each status. A failure goes through `terminating` too, so that an end is written when all is gone. */
export const TRANSITIONS: Readonly<Record<SessionStatus, readonly SessionStatus[]>> = {
  creating: ['running', 'terminating'],
  running: ['terminating'],
  terminating: ['terminated', 'failed'],
  terminated: [],
  failed: [],
};

export const canFollow = (from: SessionStatus, to: SessionStatus): boolean => TRANSITIONS[from].includes(to);

/** The session has ended and its resources are gone. */
export const isTerminal = (status: SessionStatus): boolean => TRANSITIONS[status].length === 0;

export interface Reason {
  /** The status in which a session with this reason ends. */
  readonly ends: 'terminated' | 'failed';
  readonly what: string;
  /** What the user can do next. */
  readonly advice: string;
}

/** The closed list of reasons. Every end has one, and `status_reason` has no other value. */
const TABLE = {
  expired: {
    ends: 'terminated',
    what: 'The session reached the end of its time to live.',
    advice: 'Create a new one; PATCH ttl_minutes on a running session gives it more time.',
  },
  user_requested: {
    ends: 'terminated',
    what: 'The session was ended on request.',
    advice: 'Create a new one to continue; its workspace still has its volumes and buckets.',
  },
  force_deleted: {
    ends: 'terminated',
    what: 'The session was ended at once on request, without a grace period for its commands.',
    advice: 'Create a new one to continue; its workspace still has its volumes and buckets.',
  },
  workspace_deleted: {
    ends: 'terminated',
    what: 'The workspace of the session was deleted.',
    advice: 'Create a workspace, then a session in it.',
  },
  user_deleted: {
    ends: 'terminated',
    what: 'The user that the session belonged to was deleted.',
    advice: 'Ask an administrator if this was not meant.',
  },
  budget_exceeded: {
    ends: 'terminated',
    what: 'The monthly budget is used up.',
    advice: 'Ask an administrator for a larger budget, or wait for the next month (UTC).',
  },
  session_ended: {
    ends: 'failed',
    what: 'The session ended by itself before it was asked to.',
    advice: 'See its events and the output of its last commands, then create a new one.',
  },
  provider_refused: {
    ends: 'failed',
    what: 'The provider refused to make the session.',
    advice: 'Change what the sentence names, or ask for another provider.',
  },
  provider_failed: {
    ends: 'failed',
    what: 'The provider failed while it made or ran the session.',
    advice: 'Create it again; if that fails as well, ask for another provider.',
  },
  image_failed: {
    ends: 'failed',
    what: 'The image of the session could not be fetched or started.',
    advice: 'Check image_url and image_tag, and that the provider may read them.',
  },
  start_timeout: {
    ends: 'failed',
    what: 'The session did not start in time.',
    advice: 'Create it again, with a smaller package or another provider if there is no capacity.',
  },
  preempted: {
    ends: 'failed',
    what: 'The provider took the machine back (preemption).',
    advice: 'Create a new session; the data in its volume and buckets is still there.',
  },
  provider_deadline: {
    ends: 'failed',
    what: 'The session reached the longest life that the provider allows.',
    advice: 'Create a new one, or ask for a provider that allows a longer life.',
  },
  keeper_lost: {
    ends: 'failed',
    what: 'The process that kept the session on this machine died or the machine was restarted.',
    advice: 'Create a new one; the data in its volume and buckets is still there.',
  },
  agent_lost: {
    ends: 'failed',
    what: 'The agent inside the session died or can no longer be reached.',
    advice: 'Create a new one; the data in its volume and buckets is still there.',
  },
  disk_limit: {
    ends: 'failed',
    what: 'The session wrote more than its disk limit.',
    advice: 'Create a new one that writes less, or ask for a larger volume (persistent_storage_size_gb).',
  },
  memory_limit: {
    ends: 'failed',
    what: 'The session used more memory than its limit.',
    advice: 'Create a new one with a larger package or custom_memory_limit.',
  },
  host_disk_full: {
    ends: 'failed',
    what: 'The machine ran out of disk and this session had written the most.',
    advice: 'Free disk on the machine, then create a new one.',
  },
} as const satisfies Record<(typeof REASON_NAMES)[number], Reason>;

export type StatusReason = (typeof REASON_NAMES)[number];
export const STATUS_REASONS: readonly StatusReason[] = REASON_NAMES;
export const REASONS: Readonly<Record<StatusReason, Reason>> = TABLE;

const isStatusReason = (text: string): text is StatusReason => Object.hasOwn(TABLE, text);

/** The reason of a provider, from the list. An unknown reason becomes `provider_failed`. */
export const toStatusReason = (text: string | null): StatusReason =>
  text !== null && isStatusReason(text) ? text : 'provider_failed';

/** The status in which a session that is ending for this reason ends. */
export const endStatus = (reason: StatusReason): 'terminated' | 'failed' => TABLE[reason].ends;

/** One text that says what happened, in the provider's words if there are any, and what to do. */
export const statusMessage = (reason: StatusReason, said?: string | null): string => {
  const { what, advice } = TABLE[reason];
  const own = said?.trim() ?? '';
  if (own === '') return `${what} ${advice}`;
  return `${/[.!?]$/.test(own) ? own : `${own}.`} ${advice}`;
};
