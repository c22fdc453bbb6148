import type { components, operations } from './generated/schema.ts';

type Schemas = components['schemas'];
type Query<Operation extends keyof operations> = NonNullable<operations[Operation]['parameters']['query']>;
/** What a list can be filtered by: the pages are the SDK's own matter. */
type Filters<Operation extends keyof operations> = Omit<Query<Operation>, 'limit' | 'cursor'>;

/** The error body of every refused call (RFC 9457). */
export type Problem = Schemas['Problem'];
/** Whether the server is alive, and since when. */
export type Health = Schemas['Health'];
/** What the server is, and whom the key acts for. */
export type Info = Schemas['Info'];
/** A resource package: its size, who may have it, and its price per hour by provider. */
export type Package = Schemas['Package'];
/** What a provider can do, and why one is off. */
export type Provider = Schemas['Provider'];
/** A user with type, quotas and budget. */
export type User = Schemas['User'];
/** What an admin may set of a user. */
export type UserPut = Schemas['UserPut'];
/** A user's limits and what is used of each. */
export type Entitlements = Schemas['Entitlements'];
/** What was deleted, and until when its data is kept. */
export type Deleted = Schemas['Deleted'];
/** A workspace: a user's named place with a package, storage and members. */
export type Workspace = Schemas['Workspace'];
/** What makes a workspace. */
export type WorkspaceCreate = Schemas['WorkspaceCreate'];
/** Somebody whom a workspace is shared with. */
export type Member = Schemas['Member'];
/** The role that a member is given. */
export type MemberPut = Schemas['MemberPut'];
/** A volume or a bucket of a workspace; sizes in GB. */
export type Storage = Schemas['Storage'];
/** An API key; `secret` only in the answer that made it. */
export type Key = Schemas['Key'];
/** What makes an API key. */
export type KeyCreate = Schemas['KeyCreate'];
/** A session's record as the wire has it; the class {@link Session} adds the methods. */
export type SessionRecord = Schemas['Session'];
/** What makes a session. */
export type SessionCreate = Schemas['SessionCreate'];
/** What can be changed of a session: minutes to live from now, and labels. */
export type SessionUpdate = Schemas['SessionUpdate'];
/** How a session can be reached. */
export type SessionConnection = Schemas['SessionConnection'];
/** What sessions can be listed by. */
export type SessionFilters = Filters<'sessions.list'>;
/** What a session would cost, before it is made. */
export type Estimate = Schemas['Estimate'];
/** How many expired sessions were ended. */
export type Cleaned = Schemas['Cleaned'];
/** A session's use, measured now: percent of one CPU, MB. */
export type Usage = Schemas['Usage'];
/** A session's cost so far and its rate per hour. */
export type SessionCost = Schemas['SessionCost'];
/** One entry of the audit log, and of a session's events. */
export type AuditEvent = Schemas['AuditEvent'];
/** What the audit log can be listed by. */
export type AuditFilters = Filters<'audit.list'>;
/** A one-use ticket for a WebSocket, good for 60 seconds. */
export type Ticket = Schemas['Ticket'];
/** What `execute` takes: a command and its limits, seconds. */
export type Execute = Schemas['Execute'];
/** A command's output and how it ended. */
export type ExecuteResult = Schemas['ExecuteResult'];
/** A command that runs on by itself, as older clients follow it. */
export type Job = Schemas['Job'];
/** A command in a session: its state and its offsets in bytes. */
export type Exec = Schemas['Exec'];
/** What starts a command: `command` (run by /bin/sh -c) or `argv`. */
export type ExecStart = Schemas['ExecStart'];
/** Input for a command, at an offset in bytes. */
export type Stdin = Schemas['Stdin'];
/** Where the next input continues. */
export type StdinResult = Schemas['StdinResult'];
/** The signals that a command can be sent. */
export type SignalName = Schemas['Signal']['signal'];
/** The ledger, summed. */
export type Costs = Schemas['Costs'];
/** What costs can be narrowed to and grouped by. */
export type CostFilters = Query<'costs.report'>;
/** A state that a session can be in. */
export type SessionStatus = SessionRecord['status'];
/** The name of a resource package. */
export type PackageName = WorkspaceCreate['resource_package'];
/** Commands write to one of these. */
export type StreamName = Schemas['OutputChunk']['stream'];
