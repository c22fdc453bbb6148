import { z } from 'zod';
import { Instant, SessionId, UserId } from './common.ts';

/** The action of an audit entry that is a notice. Its `detail.kind` is one of `NOTICE_KINDS`. */
export const NOTICE = 'notice';
/** What a notice can say, as a closed list. */
export const NOTICE_KINDS = ['budget.threshold', 'session.ending', 'session.reclaiming'] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** Who did it: a key (and the user it acts for), one of our own jobs, or the agent of the entry’s session. */
const Actor = z.object({
  kind: z
    .enum(['key', 'system', 'agent'])
    .meta({ description: '`key`: an API key. `system`: the server itself. `agent`: the agent of the session.' }),
  key_id: z.string().nullable().meta({ description: 'Id of the API key.' }),
  user_id: z.string().nullable().meta({ description: 'User that the key acts for.' }),
  job: z.string().nullable().meta({ description: 'Job of the server.' }),
});

export const AuditEvent = z
  .object({
    id: z.string().meta({ description: 'Id of the entry.' }),
    at: Instant.meta({ description: 'When it happened.' }),
    action: z.string().meta({
      description:
        'Operation that was called, or action of the server. `notice`: time or money is about to end; `detail.kind` says which.',
    }),
    actor: Actor.meta({ description: 'Who acted.' }),
    workspace_owner: z.string().nullable().meta({ description: 'Owner of the workspace that was affected.' }),
    workspace_id: z.string().nullable().meta({ description: 'Workspace that was affected.' }),
    session_id: z.string().nullable().meta({ description: 'Session that was affected.' }),
    target: z.string().nullable().meta({ description: 'Id of the affected thing, if it is none of those above.' }),
    request_id: z.string().nullable().meta({ description: 'Id of the request.' }),
    detail: z.record(z.string(), z.unknown()).meta({ description: 'Further facts, which depend on the action.' }),
  })
  .meta({ id: 'AuditEvent' });

export const AuditQuery = z.object({
  user: UserId.optional(),
  session_id: SessionId.optional(),
  action: z
    .string()
    .regex(/^[a-z_.]{1,64}$/, 'is the name of an operation, such as sessions.create')
    .optional()
    .meta({ description: 'Only entries of this operation, such as `sessions.create`, or `notice`.' }),
});
