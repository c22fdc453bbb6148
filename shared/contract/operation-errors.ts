import { ERROR_CODES, type ErrorCode } from './errors.ts';
import { OPERATIONS, type Operation, type OperationName } from './operations.ts';

/** Codes of every call, with or without a key. */
const OF_ALL = ['internal', 'unavailable'] as const satisfies readonly ErrorCode[];
/** Codes of every call that needs a key: of the key, of the rate limit, and of unknown or wrong fields. */
export const CODES_WITH_KEY = [
  'unauthenticated',
  'forbidden',
  'invalid',
  'rate_limited',
  ...OF_ALL,
] as const satisfies readonly ErrorCode[];

/** The provider or the agent of a session refused, or did not answer. */
const COMPUTE = ['provider_failed', 'timeout'] as const satisfies readonly ErrorCode[];
/** Calls that use a running session. */
const IN_SESSION = ['session_not_running', ...COMPUTE] as const satisfies readonly ErrorCode[];
/** Calls that need a command. */
const COMMAND = [...IN_SESSION, 'conflict'] as const satisfies readonly ErrorCode[];
/** Calls that start one. */
const START = [...COMMAND, 'quota_exceeded'] as const satisfies readonly ErrorCode[];
/** Decisions about what a user may have. */
const ALLOWANCE = [
  'entitlement_denied',
  'quota_exceeded',
  'storage_exceeded',
  'budget_exceeded',
] as const satisfies readonly ErrorCode[];
/** A WebSocket route is called without an upgrade. */
const SOCKET = ['malformed'] as const satisfies readonly ErrorCode[];

/** Codes of single calls, beyond those that follow from the call's form. */
const OF_ONE: Partial<Record<OperationName, readonly ErrorCode[]>> = {
  'docs.asset': ['not_found'],
  'users.delete': ['conflict'],
  'workspaces.create': ['conflict', 'entitlement_denied', 'quota_exceeded'],
  'workspaces.delete': ['conflict'],
  'members.put': ['conflict', 'entitlement_denied'],
  'volumes.delete': ['conflict', 'provider_failed'],
  'buckets.delete': ['conflict', 'provider_failed'],
  'keys.create': ['conflict', 'not_found'],
  'webhooks.create': ['conflict', 'quota_exceeded', 'not_found'],
  'webhooks.list': ['not_found'],
  'sessions.create': ['conflict', 'not_found', ...ALLOWANCE, ...COMPUTE],
  'sessions.estimate': ['not_found'],
  'sessions.update': ['conflict', 'session_not_running', 'budget_exceeded', ...COMPUTE],
  'sessions.delete': COMPUTE,
  'sessions.terminate': COMPUTE,
  'sessions.force_delete': COMPUTE,
  'sessions.usage': IN_SESSION,
  'sessions.ticket': ['session_not_running'],
  'sessions.shell': [...START, ...SOCKET],
  'execs.execute': START,
  'execs.start': START,
  'execs.list': IN_SESSION,
  'execs.get': IN_SESSION,
  'execs.kill': IN_SESSION,
  'execs.output': COMMAND,
  'execs.stdin': COMMAND,
  'execs.signal': COMMAND,
  'execs.attach': [...COMMAND, ...SOCKET],
  'costs.report': ['not_found'],
  'audit.list': ['not_found'],
};

/** The error codes that a call may answer, in the order of `ERROR_CODES`. */
export const errorsOf = (name: OperationName, hasBody: boolean): readonly ErrorCode[] => {
  const { method, path, key }: Operation = OPERATIONS[name];
  const codes = new Set<ErrorCode>(OF_ONE[name]);
  for (const code of key ? CODES_WITH_KEY : OF_ALL) codes.add(code);
  if (key && path.includes('{')) codes.add('not_found');
  if (key && method === 'post') codes.add('idempotency_mismatch');
  // A body that is too large is refused even where none is expected.
  if (key && method !== 'get') codes.add('too_large');
  // A body that is not JSON, or a name in the path that is not UTF-8.
  if (hasBody || (key && (method !== 'get' || path.includes('{')))) codes.add('malformed');
  return ERROR_CODES.filter((code) => codes.has(code));
};
