import { z } from 'zod';
import { Instant, SessionId, UserId } from './common.ts';

/** Who did it: a key (and the user it acts for), one of our own jobs, or the agent of the entry’s session. */
const Actor = z.object({
  kind: z.enum(['key', 'system', 'agent']),
  key_id: z.string().nullable(),
  user_id: z.string().nullable(),
  job: z.string().nullable(),
});

export const AuditEvent = z
  .object({
    id: z.string(),
    at: Instant,
    action: z.string().meta({ description: 'An operation name, or what the system did.' }),
    actor: Actor,
    workspace_owner: z.string().nullable(),
    workspace_id: z.string().nullable(),
    session_id: z.string().nullable(),
    target: z.string().nullable(),
    request_id: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEvent' });

export const AuditQuery = z.object({
  user: UserId.optional(),
  session_id: SessionId.optional(),
  action: z
    .string()
    .regex(/^[a-z_.]{1,64}$/, 'is the name of an operation, such as sessions.create')
    .optional(),
});
