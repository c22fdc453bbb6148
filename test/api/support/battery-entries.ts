import type { OperationName } from '#contract/operations.ts';

/** What the security battery needs to know of a route beyond what the catalogue and the document say. */
export interface BatteryEntry {
  /** A body that is fine, where the route takes one. */
  readonly body?: unknown;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What another tenant is told. 200: the route is everyone's own; the answer must not tell of Alice's things. */
  readonly stranger: 200 | 403 | 404;
  /** What a viewer of the workspace is told. */
  readonly viewer: 200 | 403 | 404;
}

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

const OWN = { stranger: 200, viewer: 200 } as const;
const ADMIN_ONLY = { stranger: 403, viewer: 403 } as const;
const READ = { stranger: 404, viewer: 200 } as const;
const VERB = { stranger: 404, viewer: 403 } as const;
const OWNER_ONLY = { stranger: 404, viewer: 404 } as const;
const IN_ALICES = { workspace_id: 'ws', workspace_owner: 'alice' };

/** One entry per operation: the battery fails when one is missing. */
export const BATTERY: Readonly<Record<OperationName, BatteryEntry>> = {
  'health.get': OWN,
  'ready.get': OWN,
  'openapi.get': OWN,
  'docs.get': OWN,
  'docs.asset': OWN,
  'info.get': OWN,
  'metrics.get': ADMIN_ONLY,
  'packages.list': OWN,
  'providers.list': OWN,

  'users.list': ADMIN_ONLY,
  'users.get': ADMIN_ONLY,
  'users.put': { ...ADMIN_ONLY, body: { user_type: 'free' } },
  'users.delete': ADMIN_ONLY,
  'users.entitlements': OWNER_ONLY,

  'workspaces.create': {
    body: { user_id: 'alice', workspace_id: 'mine-now', name: 'x', resource_package: 'dev_micro' },
    stranger: 403,
    viewer: 403,
  },
  'workspaces.list': OWNER_ONLY,
  'workspaces.get': READ,
  'workspaces.delete': VERB,
  'members.list': READ,
  'members.put': { ...VERB, body: { role: 'editor' } },
  'members.delete': VERB,
  'volumes.list': READ,
  'volumes.get': READ,
  'volumes.delete': VERB,
  'buckets.list': READ,
  'buckets.get': READ,
  'buckets.delete': VERB,

  'keys.create': { body: { name: 'x', user_id: 'alice' }, stranger: 403, viewer: 403 },
  'keys.list': OWN,
  'keys.revoke': OWNER_ONLY,

  'webhooks.create': { body: { url: 'https://example.com/hook', user_id: 'alice' }, stranger: 403, viewer: 403 },
  'webhooks.list': OWN,
  'webhooks.get': OWNER_ONLY,
  'webhooks.delete': OWNER_ONLY,
  'webhooks.test': OWNER_ONLY,
  'webhooks.rotate': OWNER_ONLY,

  'sessions.create': { ...VERB, body: IN_ALICES },
  'sessions.list': OWN,
  // Makes and changes nothing: who may read the workspace may ask what a session in it would cost.
  'sessions.estimate': { ...VERB, body: IN_ALICES },
  'sessions.cleanup': { query: 'user=alice', stranger: 403, viewer: 403 },
  'sessions.get': READ,
  'sessions.update': { ...VERB, body: { ttl_minutes: 5 } },
  'sessions.delete': VERB,
  'sessions.terminate': VERB,
  'sessions.force_delete': VERB,
  'sessions.connect': READ,
  'sessions.usage': READ,
  'sessions.cost': READ,
  'sessions.events': READ,
  'sessions.ticket': VERB,
  'sessions.shell': { ...VERB, headers: UPGRADE },

  'execs.execute': { ...VERB, body: { command: 'true' } },
  'jobs.status': READ,
  'execs.start': { ...VERB, body: { command: 'true' } },
  'execs.list': READ,
  'execs.get': READ,
  'execs.kill': VERB,
  'execs.output': READ,
  'execs.stdin': { ...VERB, body: { offset: 0, data: 'x' } },
  'execs.signal': { ...VERB, body: { signal: 'TERM' } },
  'execs.attach': { ...VERB, headers: UPGRADE },

  'costs.report': { query: 'user=alice', stranger: 404, viewer: 404 },
  'audit.list': { query: 'user=alice', stranger: 404, viewer: 404 },
};
