import type { components, operations } from './generated/schema.ts';

type Schemas = components['schemas'];
type Query<Operation extends keyof operations> = NonNullable<operations[Operation]['parameters']['query']>;
/** What a list can be filtered by: the pages are the SDK's own matter. */
type Filters<Operation extends keyof operations> = Omit<Query<Operation>, 'limit' | 'cursor'>;

/** The error body of every refused call (RFC 9457). */
export type Problem = Schemas['Problem'];
/** State and version of the server. */
export type Health = Schemas['Health'];
/** Version and kind of the server, and the user that the key acts for. */
export type Info = Schemas['Info'];
/** A package: its size, the user types that may use it, and its price per hour at each provider. */
export type Package = Schemas['Package'];
/** A provider: its abilities, or why it is not available. */
export type Provider = Schemas['Provider'];
/** A user with type, quotas and budget. */
export type User = Schemas['User'];
/** Fields of a user that an admin can set. */
export type UserPut = Schemas['UserPut'];
/** The limits of a user, and the use of each. */
export type Entitlements = Schemas['Entitlements'];
/** The answer to a deletion: until when data is kept. */
export type Deleted = Schemas['Deleted'];
/** A workspace: a named place of one owner with a package, storage and members. */
export type Workspace = Schemas['Workspace'];
/** Fields of a new workspace. */
export type WorkspaceCreate = Schemas['WorkspaceCreate'];
/** A user that a workspace is shared with. */
export type Member = Schemas['Member'];
/** The role of a member. */
export type MemberPut = Schemas['MemberPut'];
/** A volume or a bucket of a workspace; sizes in GB. */
export type Storage = Schemas['Storage'];
/** An API key. Only the answer to its create has `secret`. */
export type Key = Schemas['Key'];
/** Fields of a new API key. */
export type KeyCreate = Schemas['KeyCreate'];
/** The record of a session. The class {@link Session} adds the methods. */
export type SessionRecord = Schemas['Session'];
/** Fields of a new session. */
export type SessionCreate = Schemas['SessionCreate'];
/** Changes of a session: time to live in minutes from now, and labels. */
export type SessionUpdate = Schemas['SessionUpdate'];
/** How to reach a session. */
export type SessionConnection = Schemas['SessionConnection'];
/** Filters of a list of sessions. */
export type SessionFilters = Filters<'sessions.list'>;
/** The estimated cost of a session. */
export type Estimate = Schemas['Estimate'];
/** Number of expired sessions that are being ended. */
export type Cleaned = Schemas['Cleaned'];
/** Current use of a session: CPU in percent of one CPU, memory and disk in MiB. */
export type Usage = Schemas['Usage'];
/** Cost of a session so far and per hour. */
export type SessionCost = Schemas['SessionCost'];
/** One entry of the audit log, and of a session's events. */
export type AuditEvent = Schemas['AuditEvent'];
/** Filters of the audit log. */
export type AuditFilters = Filters<'audit.list'>;
/** Where notices of a user are sent. Only the answers to its create and to a new secret have `secret`. */
export type Webhook = Schemas['Webhook'];
/** Fields of a new webhook. */
export type WebhookCreate = Schemas['WebhookCreate'];
/** One try of a delivery. */
export type WebhookDelivery = Schemas['WebhookDelivery'];
/** Filters of a list of webhooks. */
export type WebhookFilters = Filters<'webhooks.list'>;
/** A ticket that replaces the key on one WebSocket, valid for 60 seconds. */
export type Ticket = Schemas['Ticket'];
/** Fields of `execute`. Times are in seconds. */
export type Execute = Schemas['Execute'];
/** Output of a command, and how it ended. */
export type ExecuteResult = Schemas['ExecuteResult'];
/** A background command. */
export type Job = Schemas['Job'];
/** The record of a command: its state, and its offsets in bytes. */
export type Exec = Schemas['Exec'];
/** Fields of a start: exactly one of `command` (run with /bin/sh -c) and `argv`, and options. */
export type ExecStart = Schemas['ExecStart'];
/** Input for a command, at an offset in bytes. */
export type Stdin = Schemas['Stdin'];
/** The offset of the next input. */
export type StdinResult = Schemas['StdinResult'];
/** The signals that a command can be sent. */
export type SignalName = Schemas['Signal']['signal'];
/** Sums of the costs in the ledger. */
export type Costs = Schemas['Costs'];
/** Filters and groups of a cost report. */
export type CostFilters = Query<'costs.report'>;
/** A state that a session can be in. */
export type SessionStatus = SessionRecord['status'];
/** The name of a resource package. */
export type PackageName = WorkspaceCreate['resource_package'];
/** Commands write to one of these. */
export type StreamName = Schemas['OutputChunk']['stream'];
