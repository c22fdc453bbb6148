import type { Scope } from './scopes.ts';

/**
 * Every operation of the API, named once: logs, metrics, audit, OpenAPI and the security battery use these names.
 * `scope` null: no key (health) or any valid key.
 */
export const OPERATIONS = {
  'health.get': { method: 'get', path: '/health', scope: null, key: false },
  'ready.get': { method: 'get', path: '/ready', scope: null, key: false },
  'info.get': { method: 'get', path: '/', scope: null, key: true },
  'metrics.get': { method: 'get', path: '/metrics', scope: 'admin', key: true },
  'openapi.get': { method: 'get', path: '/openapi.json', scope: null, key: false },
  'docs.get': { method: 'get', path: '/docs', scope: null, key: false },
  'docs.asset': { method: 'get', path: '/docs/{asset}', scope: null, key: false },

  'packages.list': { method: 'get', path: '/v1/packages', scope: null, key: true },
  'providers.list': { method: 'get', path: '/v1/providers', scope: null, key: true },

  'users.list': { method: 'get', path: '/v1/users', scope: 'admin', key: true },
  'users.get': { method: 'get', path: '/v1/users/{user_id}', scope: 'admin', key: true },
  'users.put': { method: 'put', path: '/v1/users/{user_id}', scope: 'admin', key: true },
  'users.delete': { method: 'delete', path: '/v1/users/{user_id}', scope: 'admin', key: true },
  'users.entitlements': {
    method: 'get',
    path: '/v1/users/{user_id}/entitlements',
    scope: 'workspaces:read',
    key: true,
  },

  'workspaces.create': { method: 'post', path: '/v1/workspaces', scope: 'workspaces:write', key: true },
  'workspaces.list': { method: 'get', path: '/v1/workspaces/{user_id}', scope: 'workspaces:read', key: true },
  'workspaces.get': {
    method: 'get',
    path: '/v1/workspaces/{user_id}/{workspace_id}',
    scope: 'workspaces:read',
    key: true,
  },
  'workspaces.delete': {
    method: 'delete',
    path: '/v1/workspaces/{user_id}/{workspace_id}',
    scope: 'workspaces:write',
    key: true,
  },
  'members.list': {
    method: 'get',
    path: '/v1/workspaces/{user_id}/{workspace_id}/members',
    scope: 'workspaces:read',
    key: true,
  },
  'members.put': {
    method: 'put',
    path: '/v1/workspaces/{user_id}/{workspace_id}/members/{member_id}',
    scope: 'workspaces:write',
    key: true,
  },
  'members.delete': {
    method: 'delete',
    path: '/v1/workspaces/{user_id}/{workspace_id}/members/{member_id}',
    scope: 'workspaces:write',
    key: true,
  },
  'volumes.list': {
    method: 'get',
    path: '/v1/workspaces/{user_id}/{workspace_id}/volumes',
    scope: 'workspaces:read',
    key: true,
  },
  'volumes.get': {
    method: 'get',
    path: '/v1/workspaces/{user_id}/{workspace_id}/volumes/{name}',
    scope: 'workspaces:read',
    key: true,
  },
  'volumes.delete': {
    method: 'delete',
    path: '/v1/workspaces/{user_id}/{workspace_id}/volumes/{name}',
    scope: 'workspaces:write',
    key: true,
  },
  'buckets.list': {
    method: 'get',
    path: '/v1/workspaces/{user_id}/{workspace_id}/buckets',
    scope: 'workspaces:read',
    key: true,
  },
  'buckets.get': {
    method: 'get',
    path: '/v1/workspaces/{user_id}/{workspace_id}/buckets/{name}',
    scope: 'workspaces:read',
    key: true,
  },
  'buckets.delete': {
    method: 'delete',
    path: '/v1/workspaces/{user_id}/{workspace_id}/buckets/{name}',
    scope: 'workspaces:write',
    key: true,
  },

  'keys.create': { method: 'post', path: '/v1/keys', scope: 'keys', key: true },
  'keys.list': { method: 'get', path: '/v1/keys', scope: 'keys', key: true },
  'keys.revoke': { method: 'delete', path: '/v1/keys/{key_id}', scope: 'keys', key: true },

  'webhooks.create': { method: 'post', path: '/v1/webhooks', scope: 'keys', key: true },
  'webhooks.list': { method: 'get', path: '/v1/webhooks', scope: 'keys', key: true },
  'webhooks.get': { method: 'get', path: '/v1/webhooks/{webhook_id}', scope: 'keys', key: true },
  'webhooks.delete': { method: 'delete', path: '/v1/webhooks/{webhook_id}', scope: 'keys', key: true },
  'webhooks.test': { method: 'post', path: '/v1/webhooks/{webhook_id}/test', scope: 'keys', key: true },
  'webhooks.rotate': { method: 'post', path: '/v1/webhooks/{webhook_id}/rotate-secret', scope: 'keys', key: true },

  'sessions.create': { method: 'post', path: '/v1/sessions', scope: 'sessions:write', key: true },
  'sessions.list': { method: 'get', path: '/v1/sessions', scope: 'sessions:read', key: true },
  'sessions.estimate': { method: 'post', path: '/v1/sessions/estimate', scope: 'sessions:read', key: true },
  'sessions.cleanup': { method: 'post', path: '/v1/sessions/cleanup-expired', scope: 'sessions:write', key: true },
  'sessions.get': { method: 'get', path: '/v1/sessions/{id}', scope: 'sessions:read', key: true },
  'sessions.update': { method: 'patch', path: '/v1/sessions/{id}', scope: 'sessions:write', key: true },
  'sessions.delete': { method: 'delete', path: '/v1/sessions/{id}', scope: 'sessions:write', key: true },
  'sessions.terminate': { method: 'post', path: '/v1/sessions/{id}/terminate', scope: 'sessions:write', key: true },
  'sessions.force_delete': {
    method: 'post',
    path: '/v1/sessions/{id}/force-delete',
    scope: 'sessions:write',
    key: true,
  },
  'sessions.connect': { method: 'get', path: '/v1/sessions/{id}/connect', scope: 'sessions:read', key: true },
  'sessions.usage': { method: 'get', path: '/v1/sessions/{id}/usage', scope: 'sessions:read', key: true },
  'sessions.cost': { method: 'get', path: '/v1/sessions/{id}/cost', scope: 'sessions:read', key: true },
  'sessions.events': { method: 'get', path: '/v1/sessions/{id}/events', scope: 'sessions:read', key: true },
  'sessions.ticket': { method: 'post', path: '/v1/sessions/{id}/ticket', scope: 'exec', key: true },
  'sessions.shell': { method: 'get', path: '/v1/sessions/{id}/shell', scope: 'exec', key: true, socket: true },

  'execs.execute': { method: 'post', path: '/v1/sessions/{id}/execute', scope: 'exec', key: true },
  'jobs.status': { method: 'get', path: '/v1/sessions/{id}/jobs/{job_id}/status', scope: 'sessions:read', key: true },
  'execs.start': { method: 'post', path: '/v1/sessions/{id}/execs', scope: 'exec', key: true },
  'execs.list': { method: 'get', path: '/v1/sessions/{id}/execs', scope: 'sessions:read', key: true },
  'execs.get': { method: 'get', path: '/v1/sessions/{id}/execs/{exec_id}', scope: 'sessions:read', key: true },
  'execs.kill': { method: 'delete', path: '/v1/sessions/{id}/execs/{exec_id}', scope: 'exec', key: true },
  'execs.output': {
    method: 'get',
    path: '/v1/sessions/{id}/execs/{exec_id}/output',
    scope: 'sessions:read',
    key: true,
  },
  'execs.stdin': { method: 'post', path: '/v1/sessions/{id}/execs/{exec_id}/stdin', scope: 'exec', key: true },
  'execs.signal': { method: 'post', path: '/v1/sessions/{id}/execs/{exec_id}/signal', scope: 'exec', key: true },
  'execs.attach': {
    method: 'get',
    path: '/v1/sessions/{id}/execs/{exec_id}/attach',
    scope: 'exec',
    key: true,
    socket: true,
  },

  'costs.report': { method: 'get', path: '/v1/costs', scope: 'costs:read', key: true },
  'audit.list': { method: 'get', path: '/v1/audit', scope: 'sessions:read', key: true },
} as const satisfies Record<string, Operation>;

export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: `/${string}`;
  /** The scope that a key needs; null: any valid key, or none at all where `key` is false. */
  readonly scope: Scope | null;
  readonly key: boolean;
  /** A WebSocket: a browser, which can’t send a key, may send a ticket instead. */
  readonly socket?: true;
}

export type OperationName = keyof typeof OPERATIONS;
export const OPERATION_NAMES = Object.keys(OPERATIONS) as readonly OperationName[];
